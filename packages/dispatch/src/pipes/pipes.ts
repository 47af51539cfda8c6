// Streams of clients on their way to replicas: which version, which replica, when there is a slot; and on to another replica when
// the first is lost before it has answered. The batches of the engine (engine.ts) go by other rules: a stream occupies its
// instance for as long as it lasts, so there is nothing to gather and nothing to plan.
import { type ErrorCode, toWeftError, WeftError } from '@weft/errors';
import type { Clock } from '@weft/flow';
import { requireStreamMethod } from '../call-terms.ts';
import type { ReplicaView, VersionView } from '../inventory.ts';
import type { HeldRequests } from './held-requests.ts';
import { CountedStream } from '../statistics/counted-stream.ts';
import type { OpenPipe, Pipe, PipeStart } from './pipe.ts';
import { SlotQueue } from './slot-queue.ts';

export interface PipesOptions {
  readonly clock: Clock;
  /** Streams that may wait for one model version. */
  readonly maxWaiting: number;
  /** The version that a stream gets; draws among those that serve where it names none. Throws why there is none. */
  readonly resolve: (model: string, version: string) => VersionView;
  readonly replicas: () => ReadonlyMap<string, { readonly view: ReplicaView }>;
  readonly tallyOf: (view: VersionView) => StreamTally;
}

/** Who counts what becomes of the streams of one model version. */
export interface StreamTally {
  responded(stream: CountedStream, nowMs: number): void;
  /** `drawn`: it named no version. `code` undefined: it was answered to its end. */
  streamed(stream: CountedStream, drawn: boolean, code: ErrorCode | undefined): void;
}

export interface PipeCall extends PipeStart {
  readonly signal: AbortSignal;
  readonly requests: HeldRequests;
  /** Hears which version answers; once more when the stream moves on. */
  readonly onChosen?: (view: VersionView) => void;
}

/** A stream that loses so many replicas is taken for the cause. */
const maxMoves = 2;

export class Pipes {
  readonly #options: PipesOptions;
  readonly #reached = new Map<string, OpenPipe>();
  readonly #queues = new Map<string, { readonly view: VersionView; readonly slots: SlotQueue<string> }>();

  constructor(options: PipesOptions) {
    this.#options = options;
  }

  /** How streams come to this replica; undefined: it is forgotten. */
  reach(key: string, open: OpenPipe | undefined): void {
    if (open === undefined) this.#reached.delete(key);
    else this.#reached.set(key, open);
    this.changed();
  }

  /** To be called when a replica came, went, or reports something else. */
  changed(): void {
    for (const [key, { view, slots }] of this.#queues) {
      slots.setPlaces(this.#placesOf(view));
      if (slots.open === 0 && slots.waiting === 0) this.#queues.delete(key);
    }
  }

  /** The responses to a stream. Throws a WeftError, whatever happens. */
  async *open(call: PipeCall): AsyncGenerator<Buffer, void, undefined> {
    const counted = new CountedStream(call.method, this.#options.clock.now());
    const passage: Passage = { call, counted, tally: undefined };
    let error: WeftError | undefined = left;
    try {
      yield* this.#follow(passage);
      error = undefined;
    } catch (thrown) {
      throw (error = toWeftError(thrown));
    } finally {
      passage.tally?.streamed(counted, call.version === '', error?.code);
    }
  }

  /** From one replica to the next, as long as it may move. */
  async *#follow(passage: Passage): AsyncGenerator<Buffer, void, undefined> {
    const { call, counted } = passage;
    const { model, version, method, requests, signal, deadlineMs } = call;
    const { resolve, tallyOf, clock } = this.#options;
    let lost: { readonly at: string; readonly error: WeftError } | undefined;
    for (let moves = 0; ; moves++) {
      const view = resolve(model, version);
      passage.tally = tallyOf(view);
      requireStreamMethod(view, method);
      const lease = await this.#queue(view).acquire({ deadlineMs, signal, avoid: lost?.at });
      const reached = lease === undefined ? undefined : this.#reached.get(lease.key);
      if (lease === undefined || reached === undefined) {
        lease?.release();
        throw lost?.error ?? new WeftError('UNAVAILABLE', `no replica that serves ${method} is connected`);
      }
      call.onChosen?.(view);
      counted.begun(clock.now());
      const pipe = reached({ ...startOf(call), version: view.version }, requests.read(), signal);
      try {
        yield* this.#pass(pipe, passage);
        return;
      } catch (thrown) {
        const error = toWeftError(thrown);
        const mayMove = counted.firstMs === undefined && requests.movable && pipe.movable() && moves < maxMoves;
        if (!mayMove || signal.aborted) throw error;
        lost = { at: lease.key, error };
      } finally {
        lease.release();
      }
    }
  }

  async *#pass(pipe: Pipe, { call, counted, tally }: Passage): AsyncGenerator<Buffer, void, undefined> {
    const { clock } = this.#options;
    for await (const response of pipe.responses) {
      const nowMs = clock.now();
      tally?.responded(counted, nowMs);
      counted.responded(response, nowMs);
      call.requests.settle();
      yield response;
    }
  }

  #queue(view: VersionView): SlotQueue<string> {
    const key = `${view.model}\n${view.version}`;
    const known = this.#queues.get(key);
    if (known !== undefined) return known.slots;
    const { clock, maxWaiting } = this.#options;
    const slots = new SlotQueue<string>({ clock, model: view.model, maxWaiting });
    slots.setPlaces(this.#placesOf(view));
    this.#queues.set(key, { view, slots });
    return slots;
  }

  /** Replicas that take streams of a version, and how many. */
  #placesOf({ model, version }: VersionView): ReadonlyMap<string, number> {
    const places = new Map<string, number>();
    for (const [key, { view }] of this.#options.replicas()) {
      if (!view.connected || view.state.draining || !this.#reached.has(key)) continue;
      const entry = view.state.models.find((candidate) => candidate.name === model && candidate.version === version);
      if (entry?.state === 'MODEL_STATE_READY' && entry.streamSlots > 0) places.set(key, entry.streamSlots);
    }
    return places;
  }
}

const left = new WeftError('CANCELLED', 'the client has gone');

interface Passage {
  readonly call: PipeCall;
  readonly counted: CountedStream;
  /** Of the version that it was resolved to last. */
  tally: StreamTally | undefined;
}

function startOf({ model, version, method, deadlineMs, traceparent, tenant, priority }: PipeCall): PipeStart {
  return { model, version, method, deadlineMs, traceparent, tenant, priority };
}
