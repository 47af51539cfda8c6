// The streams of one model version in this service: each to the instance that has the fewest, as many as their slots allow, the
// others in line, as long as they have patience: there may be room at another replica.
import { formatDuration } from '@weft/config';
import { toWeftError, WeftError } from '@weft/errors';
import {
  CountedStream,
  type Lease,
  type MoveReason,
  type Pipe,
  type PipeListener,
  pipeOver,
  type PipeStart,
  type SequencedStream,
  SlotQueue,
  type StreamCounts,
} from '@weft/dispatch';
import { type Clock, type LinkedAbort, linkedAbort } from '@weft/flow';
import { epochMs } from '@weft/telemetry';
import type { InstanceHost } from '../executor/instance-host.ts';

/** In line at one replica: its routers keep lines of their own. */
const maxWaiting = 1024;

export interface VersionStreamsOptions {
  readonly model: string;
  readonly version: string;
  readonly clock: Clock;
  readonly counts: StreamCounts;
}

interface Begin {
  readonly requests: AsyncIterable<Buffer>;
  readonly signal: AbortSignal;
  readonly onBegun: () => void;
}

export class VersionStreams {
  readonly #options: VersionStreamsOptions;
  readonly #slots: SlotQueue<InstanceHost>;
  readonly #full: WeftError;
  readonly #open = new Set<LinkedAbort>();

  constructor(options: VersionStreamsOptions) {
    this.#options = options;
    this.#slots = new SlotQueue({ ...options, maxWaiting });
    this.#full = new WeftError('UNAVAILABLE', `all streams of model '${options.model}' are taken here`);
  }

  /** The instances that take streams now, and how many each. Those that are not among them finish what they have. */
  setInstances(slots: ReadonlyMap<InstanceHost, number>): void {
    this.#slots.setPlaces(slots);
  }

  /** What is open after so long ends, or never (0); to be told when nothing is open any more. */
  finish(graceMs: number): () => void {
    if (graceMs === 0) return () => {};
    const { model, version, clock } = this.#options;
    return clock.setTimer(graceMs, () => {
      const since = `it was unloaded ${formatDuration(graceMs)} ago (--stream-grace)`;
      const reason = new WeftError('UNAVAILABLE', `model '${model}' version ${version} ends its streams: ${since}`);
      for (const ending of this.#open) ending.abort(reason);
    });
  }

  open(start: PipeStart, listener: PipeListener): Pipe {
    const onBegun = start.tellBegun ? (): void => listener.onBegun() : (): void => {};
    return pipeOver((requests, signal) => this.#begin(start, { requests, signal, onBegun }), listener);
  }

  #begin(start: PipeStart, { requests, signal, onBegun }: Begin): SequencedStream {
    const { clock, model, counts } = this.#options;
    const slot = (ending: AbortSignal): Promise<Lease<InstanceHost> | undefined> => this.#slot(start, ending);
    const counted = new CountedStream(start.method, clock.now());
    const open = this.#open;
    let died = false;
    let failure: WeftError | undefined;
    async function* responses(): AsyncGenerator<Buffer, void, undefined> {
      signal.throwIfAborted();
      const { deadlineMs } = start;
      const ending = linkedAbort(signal);
      open.add(ending);
      const late = (): void =>
        ending.abort(new WeftError('DEADLINE_EXCEEDED', 'the deadline of the stream has passed'));
      const cancelTimer = Number.isFinite(deadlineMs) ? clock.setTimer(deadlineMs - clock.now(), late) : () => {};
      let error: WeftError | undefined = left;
      try {
        const lease = await slot(ending.signal);
        if (lease === undefined)
          throw new WeftError('UNAVAILABLE', `model '${model}' takes no streams: no instance serves it any more`);
        counted.begun(clock.now());
        onBegun();
        const stream = {
          // What is left now, after the wait.
          start: { method: start.method, deadlineMs: epochMs() + deadlineMs - clock.now(), tenant: start.tenant },
          requests,
          signal: ending.signal,
          onEnded: (crashed: boolean) => {
            died = crashed;
            lease.release();
          },
        };
        for await (const response of lease.key.stream(stream)) {
          const nowMs = clock.now();
          counts.responded(counted, nowMs);
          counted.responded(response, nowMs);
          yield response;
        }
        error = undefined;
      } catch (thrown) {
        throw (failure = error = toWeftError(thrown));
      } finally {
        cancelTimer();
        open.delete(ending);
        ending.release();
        // What never began goes to another replica.
        if (counted.sentMs !== undefined) counts.streamed(counted, error?.code, clock.now());
      }
    }
    const move = (): MoveReason | undefined => {
      if (counted.sentMs === undefined) return failure === this.#full ? 'full' : 'unbegun';
      return died && counted.firstMs === undefined ? 'crashed' : undefined;
    };
    return { responses: responses(), move };
  }

  /** Throws `full` when there is none as long as the stream has patience. */
  async #slot(
    { deadlineMs, tenant, priority, patienceMs }: PipeStart,
    signal: AbortSignal,
  ): Promise<Lease<InstanceHost> | undefined> {
    const applicant = { deadlineMs, tenant, priority };
    if (patienceMs === undefined || !this.#slots.full) return this.#slots.acquire({ ...applicant, signal });
    if (patienceMs === 0 && this.#slots.slots > 0) throw this.#full;
    const waiting = linkedAbort(signal);
    const cancelTimer = this.#options.clock.setTimer(patienceMs, () => waiting.abort(this.#full));
    try {
      return await this.#slots.acquire({ ...applicant, signal: waiting.signal });
    } finally {
      cancelTimer();
      waiting.release();
    }
  }
}

const left = new WeftError('CANCELLED', 'the client has gone');
