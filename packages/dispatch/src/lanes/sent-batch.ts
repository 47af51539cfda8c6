// A batch that a replica has: which calls, since when, and how long it should take. It lives from its dispatch to its last
// result, or to the loss of its stream.
import type { Execution, ItemResult } from '@weft/rpc';
import type { Company, PendingCall, Place } from './pending-call.ts';

/**
 * How a batch ended: with its last result; bounced, never begun; with the instance that worked on it; with the replica or the
 * stream to it; or taken back by this side. Calls without an answer are `left`.
 */
export type BatchEnd = 'answered' | 'undelivered' | 'crashed' | 'lost' | 'closed';

export interface BatchOwner {
  /** An answer for one of the calls, which may be settled already. */
  onItem(batch: SentBatch, pending: PendingCall, item: ItemResult): void;
  /** The model's runs for some of the calls. */
  onExecuted(executions: readonly Execution[]): void;
  onEnded(batch: SentBatch, end: BatchEnd, left: readonly PendingCall[]): void;
}

/** The stream that the batch went out on. */
export interface BatchCarrier {
  cancel(batch: SentBatch, position: number): void;
}

export interface BatchOptions {
  readonly owner: BatchOwner;
  readonly carrier: BatchCarrier;
  readonly version: string;
  readonly company: Company;
  readonly calls: readonly PendingCall[];
  readonly rows: number;
  readonly sentMs: number;
  readonly expectedMs: number;
  /** It is a copy of a call that another replica has, too, to see how this one does. */
  readonly probe: boolean;
  /** The one instance that it may go to; undefined: any that is free. */
  readonly instance?: number;
  /** Keys of sequences that this instance need not remember any more. */
  readonly released?: readonly string[];
}

export class SentBatch implements Place {
  readonly where = 'sent';
  readonly options: BatchOptions;
  /** Set at dispatch. */
  id = 0;
  instance = 0;
  /** What the replica measured, of the items that it computed. */
  computeMs = 0;
  computedRows = 0;
  computedItems = 0;
  failedItems = 0;
  readonly #timers: (() => void)[] = [];

  constructor(options: BatchOptions) {
    this.options = options;
  }

  get probe(): boolean {
    return this.options.probe;
  }

  get calls(): readonly PendingCall[] {
    return this.options.calls;
  }

  /** The replica need not answer this call any more; but what a copy is sent for is to see how long it takes. */
  withdraw(pending: PendingCall): void {
    if (!this.probe) this.options.carrier.cancel(this, this.calls.indexOf(pending));
  }

  /** Cancels a timer when the batch ends. */
  endsWith(cancelTimer: () => void): void {
    this.#timers.push(cancelTimer);
  }

  executed(executions: readonly Execution[]): void {
    this.options.owner.onExecuted(executions);
  }

  answer(item: ItemResult): void {
    const pending = this.calls[item.index];
    if (pending === undefined) return;
    pending.leave(this);
    this.options.owner.onItem(this, pending, item);
  }

  end(end: BatchEnd): void {
    for (const cancelTimer of this.#timers) cancelTimer();
    const left = this.calls.filter((pending) => {
      pending.leave(this);
      return pending.adrift;
    });
    this.options.owner.onEnded(this, end, left);
  }
}
