// The streams of one model version in this service: each to the instance that has the fewest, as many as their slots allow, the
// others in line.
import { WeftError } from '@weft/errors';
import { linkedAbort, type Pipe, type PipeStart, SlotQueue } from '@weft/dispatch';
import type { Clock } from '@weft/flow';
import { epochMs } from '@weft/telemetry';
import type { InstanceHost } from '../executor/instance-host.ts';

/** In line at one replica: its routers keep lines of their own. */
const maxWaiting = 1024;

export class VersionStreams {
  readonly #clock: Clock;
  readonly #model: string;
  readonly #slots: SlotQueue<InstanceHost>;

  constructor(model: string, clock: Clock) {
    this.#clock = clock;
    this.#model = model;
    this.#slots = new SlotQueue({ clock, model, maxWaiting });
  }

  /** The instances that take streams now, and how many each. Those that are not among them finish what they have. */
  setInstances(slots: ReadonlyMap<InstanceHost, number>): void {
    this.#slots.setPlaces(slots);
  }

  open(start: PipeStart, requests: AsyncIterable<Buffer>, signal: AbortSignal): Pipe {
    let begun = false;
    const [clock, slots, model] = [this.#clock, this.#slots, this.#model];
    async function* responses(): AsyncGenerator<Buffer, void, undefined> {
      signal.throwIfAborted();
      const { deadlineMs } = start;
      const ending = linkedAbort(signal);
      const remainingMs = deadlineMs - clock.now();
      const late = (): void =>
        ending.abort(new WeftError('DEADLINE_EXCEEDED', 'the deadline of the stream has passed'));
      const cancelTimer = Number.isFinite(deadlineMs) ? clock.setTimer(remainingMs, late) : () => {};
      try {
        const lease = await slots.acquire({ deadlineMs, signal: ending.signal });
        if (lease === undefined)
          throw new WeftError('UNAVAILABLE', `model '${model}' takes no streams: no instance serves it any more`);
        begun = true;
        yield* lease.key.stream({
          start: { method: start.method, deadlineMs: epochMs() + remainingMs, tenant: start.tenant },
          requests,
          signal: ending.signal,
          onEnded: () => lease.release(),
        });
      } finally {
        cancelTimer();
        ending.release();
      }
    }
    return { responses: responses(), movable: () => !begun };
  }
}
