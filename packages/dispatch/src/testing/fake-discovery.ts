// For tests: discovery over records and replicas that the test moves by hand.
import { type EndpointSource, parseEndpointSource } from '@weft/config';
import { ManualClock } from '@weft/flow';
import { createLog } from '@weft/telemetry';
import { Discovery, type FollowedReplica, type FoundReplica } from '../discovery/discovery.ts';
import type { Resolution } from '../discovery/resolve-endpoints.ts';
import type { SliceApi } from '../discovery/slices/slice-api.ts';
import { turns } from './start-engine.ts';

class FakeFollowed implements FollowedReplica {
  readonly found: FoundReplica;
  connected = false;
  leaving = false;
  state: 'created' | 'started' | 'stopped' = 'created';
  /** Whether it was connected when it was stopped. */
  cutOff = false;

  constructor(found: FoundReplica) {
    this.found = found;
  }

  start(): void {
    this.state = 'started';
  }

  stop(): void {
    this.cutOff = this.connected;
    this.state = 'stopped';
  }

  connect(): void {
    this.connected = true;
    this.found.onFirstContact();
  }

  /** The first attempt fails. */
  fail(): void {
    this.found.onFirstContact();
  }

  lose(): void {
    this.connected = false;
    this.found.onLost();
  }
}

/** What DNS says of a source from now on. */
export type Said = { readonly endpoints: readonly string[]; readonly ttlMs?: number } | { readonly failure: string };

/** Of tests without a cluster. */
const noCluster: SliceApi = {
  list: () => Promise.reject(new Error('no cluster')),
  watch: () => Promise.resolve({ kind: 'refused', reason: 'no cluster' }),
};

export function startDiscovery(items: readonly string[], intervalMs = 5_000, slices: SliceApi = noCluster) {
  const clock = new ManualClock();
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const said = new Map<string, Said>();
  const resolutions: { readonly text: string; readonly atMs: number }[] = [];
  const created: FakeFollowed[] = [];
  const sources: readonly EndpointSource[] = items.map(parseEndpointSource);
  const discovery = new Discovery({
    sources,
    async resolve({ text }, previous): Promise<Resolution> {
      resolutions.push({ text, atMs: clock.now() });
      const kept = { targets: [], hosts: new Map(), endpoints: previous?.endpoints ?? [] };
      const now = said.get(text) ?? { failure: 'nothing said' };
      if ('failure' in now) return { ...kept, ttlMs: Infinity, failure: now.failure };
      return { ...kept, endpoints: now.endpoints, ttlMs: now.ttlMs ?? Infinity, failure: undefined };
    },
    intervalMs,
    slices,
    clock,
    log: createLog({ level: 'info', fields: {}, destination }),
    createReplica(found) {
      const replica = new FakeFollowed(found);
      created.push(replica);
      return replica;
    },
  });
  return {
    discovery,
    clock,
    resolutions,
    created,
    /** Replicas that were started and not stopped. */
    live: () => created.filter(({ state }) => state === 'started'),
    say: (text: string, what: Said) => void said.set(text, what),
    /** Lets the time pass, in steps so that resolutions can end in between. */
    async advance(ms: number, stepMs = 500) {
      for (let passed = 0; passed < ms; passed += stepMs) {
        clock.advance(Math.min(stepMs, ms - passed));
        await turns();
      }
    },
    /** Event and the fields that matter, of each line. */
    told: () =>
      lines.map(({ event, source, added, removed, reason, endpoint }) =>
        JSON.stringify({ event, source, added, removed, reason, endpoint }),
      ),
  };
}
