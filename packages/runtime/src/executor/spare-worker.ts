// Worker threads outlive their models: one whose model was unloaded is kept for a while, for the version that comes next.
// Starting a thread and importing what a worker needs takes a fifth of a second of a core that others are served on, which is
// more than most models take to load.
import type { Clock } from '@weft/flow';
import { type Isolation, startWorker, type WorkerChannel, type WorkerEvents } from './worker-channel.ts';

/** A version that replaces another one begins when that one has gone, or shortly before. */
const keptMs = 60_000;

export class SpareWorker {
  readonly #entry: URL;
  readonly #clock: Clock;
  #spare: { readonly worker: WorkerChannel; readonly cancelTimer: () => void } | undefined;
  #closed = false;

  constructor(entry: URL, clock: Clock) {
    this.#entry = entry;
    this.#clock = clock;
  }

  /** The spare thread, or a new worker. A process is always new: it was asked for because of what a model may leave behind. */
  take(isolation: Isolation, events: WorkerEvents): WorkerChannel {
    const spare = isolation === 'thread' ? this.#release() : undefined;
    if (spare === undefined) return startWorker(this.#entry, isolation, events);
    spare.listen(events);
    return spare;
  }

  /** Offers a worker that has no model any more. False when it is not kept: then it has to be ended. */
  offer(worker: WorkerChannel): boolean {
    if (this.#closed || this.#spare !== undefined || worker.isolation !== 'thread') return false;
    worker.listen({ onMessage() {}, onExit: () => void this.#release() });
    worker.rest();
    this.#spare = { worker, cancelTimer: this.#clock.setTimer(keptMs, () => this.#end()) };
    return true;
  }

  /** Ends the spare, and keeps none from now on. */
  close(): void {
    this.#closed = true;
    this.#end();
  }

  #end(): void {
    this.#release()?.post({ kind: 'end' });
  }

  #release(): WorkerChannel | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    spare?.cancelTimer();
    return spare?.worker;
  }
}
