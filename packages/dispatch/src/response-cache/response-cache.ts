// Keeps answers of models whose configuration asks for that (`response_cache`), for requests that ask for the same of the same version.
// Where the same is being computed already, a request waits for that: its answer is computed once. A caller that gives up takes nobody
// along, nor does one whose deadline was the shortest: what is left over is sent again.
//
// Calls of other models pass with a look into a map. Errors are not kept.
import { inferPath } from '@weft/rpc';
import type { WeftError } from '@weft/errors';
import { LRUCache } from 'lru-cache';
import type { Inventory, VersionView } from '../replicas/inventory.ts';
import type { Answer, Call } from '../lanes/pending-call.ts';
import type { Submit, Submitted } from '../engine/submit.ts';
import { type CacheKey, cacheKeyOf } from './cache-key.ts';
import { type CachedVersion, type CachedVersions, cachedVersions } from './cached-versions.ts';
import { withId, withoutId } from './nameless-response.ts';

export interface CacheLookup {
  readonly model: string;
  readonly version: string;
  readonly rows: number;
  /** How long it took to look for the answer. */
  readonly lookupUs: number;
}

export interface CacheObserver {
  /** The answer was there, or somebody else waits for it already. */
  onHit(lookup: CacheLookup): void;
  onMiss(lookup: CacheLookup): void;
}

export interface ResponseCacheOptions {
  readonly next: Submit;
  readonly inventory: () => Inventory;
  /** The version that a call gets; draws one where it names none. Throws why there is none. */
  readonly versionFor: (call: Call) => VersionView;
  readonly maxBytes: number;
  /** Only differences count. */
  readonly nowMs: () => number;
  readonly observer: CacheObserver;
}

/** One computation, and who waits for it: each call with its client's name for it. */
interface Flight {
  readonly key: string;
  readonly version: CachedVersion;
  readonly waiting: Map<Call, string>;
  /** Whose request is computed; it may be gone. */
  leader: Call;
  pending: Submitted | undefined;
}

const noTimes = { queueUs: 0, computeInputUs: 0, computeInferUs: 0, computeOutputUs: 0 };
/** What only concerns the call that failed by it; others may still be answered. */
const personal: ReadonlySet<WeftError['code']> = new Set(['CANCELLED', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED']);

export interface ResponseCache {
  readonly submit: Submit;
  /** Of the answers that are kept. */
  readonly bytes: number;
}

export function createResponseCache(options: ResponseCacheOptions): ResponseCache {
  const { next, inventory, versionFor, maxBytes, nowMs, observer } = options;
  const kept = new LRUCache<string, Buffer>({
    maxSize: maxBytes,
    sizeCalculation: ({ length }) => length + entryBytes,
  });
  const flights = new Map<string, Flight>();
  let seen: Inventory | undefined;
  let versions: CachedVersions = new Map();

  const refresh = (now: Inventory): void => {
    seen = now;
    const before = versions;
    versions = cachedVersions(now, before);
    const stale = [...before.values()].flatMap((ofModel) => [...ofModel.values()]).filter((one) => !counts(one));
    if (stale.length === 0) return;
    const prefixes = stale.map(prefixOf);
    for (const key of [...kept.keys()]) if (prefixes.some((prefix) => key.startsWith(prefix))) kept.delete(key);
    // Who comes from now on wants the version as it is now.
    for (const flight of [...flights.values()]) if (!counts(flight.version)) flights.delete(flight.key);
  };
  const counts = (one: CachedVersion): boolean => versions.get(one.model)?.get(one.version) === one;

  const submit: Submit = (call) => {
    const now = inventory();
    if (now !== seen) refresh(now);
    const ofModel = versions.size === 0 ? undefined : versions.get(call.model);
    if (ofModel === undefined || call.method !== inferPath) return next(call);
    const startedMs = nowMs();
    const { version: number } = versionFor(call);
    const drawn = call.version === '' ? { ...call, drawn: number } : call;
    const version = ofModel.get(number);
    const key = version === undefined ? undefined : cacheKeyOf(call.payload);
    if (version === undefined || key === undefined) return next(drawn);
    return answer(drawn, { version, key, startedMs });
  };

  const answer = (
    call: Call,
    { version, key: { digest, id }, startedMs }: { version: CachedVersion; key: CacheKey; startedMs: number },
  ): Submitted => {
    const key = prefixOf(version) + digest;
    const found = kept.get(key);
    // A call that was drawn may end at another version, one that names its version may not: they do not wait for each other.
    const flightKey = call.drawn === undefined ? `=${key}` : key;
    const flight = flights.get(flightKey);
    const { model, rows } = call;
    const lookup = { model, version: version.version, rows, lookupUs: (nowMs() - startedMs) * 1000 };
    if (found !== undefined) {
      observer.onHit(lookup);
      return settleSoon(call, { payload: withId(found, id), times: noTimes });
    }
    if (flight !== undefined) {
      observer.onHit(lookup);
      return join(flight, call, id);
    }
    observer.onMiss(lookup);
    const begun: Flight = { key: flightKey, version, waiting: new Map(), leader: call, pending: undefined };
    const joined = join(begun, call, id);
    begun.pending = launch(begun);
    if (begun.waiting.size > 0) flights.set(flightKey, begun);
    return joined;
  };

  const launch = (flight: Flight): Submitted => next({ ...flight.leader, settle: (outcome) => land(flight, outcome) });

  const join = (flight: Flight, call: Call, id: string): Submitted => {
    flight.waiting.set(call, id);
    return {
      cancel() {
        if (!flight.waiting.delete(call)) return undefined;
        if (flight.waiting.size > 0) return 'queued';
        end(flight);
        return flight.pending?.cancel();
      },
    };
  };

  const end = (flight: Flight): void => {
    if (flights.get(flight.key) === flight) flights.delete(flight.key);
  };

  const land = (flight: Flight, outcome: Answer): void => {
    if ('error' in outcome && personal.has(outcome.error.code)) {
      if (flight.waiting.delete(flight.leader)) flight.leader.settle(outcome);
      relaunch(flight);
      return;
    }
    end(flight);
    const waiting = [...flight.waiting];
    flight.waiting.clear();
    if ('error' in outcome) {
      for (const [call] of waiting) call.settle(outcome);
      return;
    }
    const { bytes, version } = withoutId(outcome.payload);
    if (counts(flight.version) && version === flight.version.version) kept.set(flight.key.replace(/^=/, ''), bytes);
    for (const [call, id] of waiting)
      call.settle(call === flight.leader ? outcome : { payload: withId(bytes, id), times: noTimes });
  };

  const relaunch = (flight: Flight): void => {
    for (const call of flight.waiting.keys()) {
      flight.leader = call;
      try {
        flight.pending = launch(flight);
        return;
      } catch (thrown) {
        flight.waiting.delete(call);
        call.settle({ error: thrown as WeftError });
      }
    }
    end(flight);
  };

  return {
    submit,
    get bytes() {
      return kept.calculatedSize;
    },
  };
}

/** What an entry costs beside its bytes: its key and its place in the table, about. */
const entryBytes = 256;

/** What follows it, a digest, is always of one length: so no two keys are the same. */
function prefixOf({ model, version }: CachedVersion): string {
  return `${model}\n${version}\n`;
}

/** Not before the caller knows that it was admitted. */
function settleSoon(call: Call, outcome: Answer): Submitted {
  let open = true;
  queueMicrotask(() => {
    if (!open) return;
    open = false;
    call.settle(outcome);
  });
  return {
    cancel() {
      if (!open) return undefined;
      open = false;
      return 'queued';
    },
  };
}
