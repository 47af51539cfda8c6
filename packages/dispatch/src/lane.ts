// The queue of one model version over all its replicas, and the greedy dispatch: whenever there is a credit and something
// waits, the oldest calls go out as one batch. Calls that arrive in one turn of the event loop ride together.
import { WeftError } from '@weft/errors';
import { BatchQueue, type Clock } from '@weft/flow';
import type { Attachment } from './attachment.ts';
import type { PendingCall } from './pending-call.ts';

export interface LaneOptions {
  readonly model: string;
  readonly version: string;
  readonly maxQueueSize: number;
  readonly maxQueueBytes: number;
  readonly maxBatchBytes: number;
  readonly clock: Clock;
  readonly onDispatched: (rows: number, calls: readonly PendingCall[]) => void;
}

/** A call that cannot be answered in the time it takes to cross the network is dropped this much before its deadline. */
const answerMarginMs = 2;

export class Lane {
  maxRows = 1;
  readonly #options: LaneOptions;
  readonly #queue = new BatchQueue<PendingCall>();
  readonly #attachments = new Set<Attachment>();
  #scheduled = false;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => {};

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get model(): string {
    return this.#options.model;
  }

  get version(): string {
    return this.#options.version;
  }

  get size(): number {
    return this.#queue.size;
  }

  /** Admits a call, or throws RESOURCE_EXHAUSTED when the queue is full, DEADLINE_EXCEEDED when it comes too late. */
  append(pending: PendingCall): void {
    const { clock, maxQueueSize, maxQueueBytes } = this.#options;
    if (pending.deadlineMs <= clock.now()) throw expired(pending, clock.now());
    if (this.#queue.size >= maxQueueSize || this.#queue.byteSize + pending.byteSize > maxQueueBytes) {
      throw new WeftError('RESOURCE_EXHAUSTED', 'Exceeds maximum queue size', { retryAfterMs: 1000 });
    }
    pending.rows = Math.min(pending.rows, this.maxRows);
    this.#queue.append(pending);
    pending.withdraw = () => this.#queue.remove(pending);
    this.#armTimer(pending.deadlineMs - answerMarginMs);
    this.schedule();
  }

  /** Takes calls back that a replica did not answer; they go before all others. */
  putBack(calls: readonly PendingCall[]): void {
    this.#queue.putBack(calls);
    for (const pending of calls) {
      pending.withdraw = () => this.#queue.remove(pending);
      this.#armTimer(pending.deadlineMs - answerMarginMs);
    }
    this.schedule();
  }

  attach(attachment: Attachment): void {
    this.#attachments.add(attachment);
    this.schedule();
  }

  detach(attachment: Attachment): void {
    this.#attachments.delete(attachment);
  }

  /** Everything that waits, taken out: the version goes away. */
  takeAll(): PendingCall[] {
    this.#cancelTimer();
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    return this.#queue.takeAll();
  }

  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    const { version, maxBatchBytes, clock, onDispatched } = this.#options;
    while (this.#queue.size > 0) {
      const attachment = this.#richestAttachment();
      if (attachment === undefined) return;
      const batch = this.#queue.nextBatch({ maxRows: this.maxRows, maxBytes: maxBatchBytes });
      attachment.dispatch(version, batch, clock.now());
      onDispatched(
        batch.reduce((sum, pending) => sum + pending.rows, 0),
        batch,
      );
    }
  }

  /** The replica with the most credits: its instances are the idlest. */
  #richestAttachment(): Attachment | undefined {
    let richest: Attachment | undefined;
    let most = 0;
    for (const attachment of this.#attachments) {
      const credits = attachment.creditsFor(this.#options.version);
      if (credits > most) {
        most = credits;
        richest = attachment;
      }
    }
    return richest;
  }

  #armTimer(atMs: number): void {
    if (atMs >= this.#wakeAtMs) return;
    this.#cancelTimer();
    this.#wakeAtMs = atMs;
    this.#cancelTimer = this.#options.clock.setTimer(atMs - this.#options.clock.now(), () => this.#dropExpired());
  }

  #dropExpired(): void {
    const nowMs = this.#options.clock.now();
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    for (const pending of this.#queue.takeExpired(nowMs + answerMarginMs))
      pending.settle({ error: expired(pending, nowMs) });
    const earliest = this.#queue.earliestDeadlineMs();
    if (earliest !== Number.POSITIVE_INFINITY) this.#armTimer(earliest - answerMarginMs);
  }
}

function expired(pending: PendingCall, nowMs: number): WeftError {
  const queuedMs = Math.max(0, nowMs - pending.enqueuedMs).toFixed(0);
  return new WeftError(
    'DEADLINE_EXCEEDED',
    `Request timeout expired: the deadline passed after ${queuedMs} ms in the queue of model '${pending.call.model}'`,
  );
}
