// The queue of a model version that batches sequences. Its scheduler (packages/flow) says whose request goes next and to which
// instance; here it is sent, with the credit of that very instance, and answered. What an instance remembers of a sequence
// is nowhere else: nothing is sent a second time or to another one, and when the instance is lost its sequences are.
import { randomUUID } from 'node:crypto';
import { WeftError } from '@weft/errors';
import { type Clock, type LostSequence, SequenceScheduler, type SequenceTurns } from '@weft/flow';
import type { Scheduling, SequenceBatching } from '@weft/models';
import type { Execution, ItemResult, SequenceId } from '@weft/rpc';
import type { Attachment } from '../replicas/attachment.ts';
import type { VersionView } from '../replicas/inventory.ts';
import { itemError } from '../lanes/item-error.ts';
import type { LaneObserver } from '../lanes/lane-observer.ts';
import { limitWait } from '../lanes/limit-wait.ts';
import { type Call, ordinaryCompany, PendingCall, type Place } from '../lanes/pending-call.ts';
import { schedulingFor, termsOf } from '../lanes/queueing-terms.ts';
import { expired, full } from '../lanes/refusals.ts';
import { type BatchEnd, type BatchOwner, SentBatch } from '../lanes/sent-batch.ts';
import type { CallCounts } from '../statistics/call-counts.ts';
import type { VersionLane } from '../lanes/version-lane.ts';
import { WakeTimer } from '../lanes/wake-timer.ts';
import { watchDeadlines } from '../lanes/watch-batch.ts';
import { sequenceBatchingFor } from './sequence-batching-for.ts';
import type { LostSequences } from './lost-sequences.ts';
import { type SequenceInstance, SequenceInstances } from './sequence-instances.ts';
import { lostMessage, lostSequence, notStarted, severalRows, withoutId } from './sequence-refusals.ts';

export interface SequenceLaneOptions {
  readonly model: string;
  readonly version: string;
  readonly maxQueueSize: number;
  readonly maxQueueBytes: number;
  readonly maxBatchBytes: number;
  readonly clock: Clock;
  readonly observer: LaneObserver;
  readonly counts: CallCounts;
  /** Calls that may begin their sequence elsewhere. */
  readonly onLeft: (calls: readonly PendingCall[]) => void;
  /** Of all lanes of all models. */
  readonly lost: LostSequences;
}

type Batch = Extract<SequenceTurns<PendingCall, SequenceInstance>, { readonly instance: SequenceInstance }>;

/** Nobody knows when a sequence ends: who finds no room is asked to come again soon. */
const pushbackMs = 100;

export class SequenceLane implements VersionLane, BatchOwner {
  readonly #options: SequenceLaneOptions;
  readonly #instances: SequenceInstances;
  /** Of each batch that is on its way. */
  readonly #ofBatch = new Map<SentBatch, SequenceInstance>();
  /** Makes keys that no other lane makes, of any router. */
  #keys = randomUUID();
  #batching: SequenceBatching;
  #scheduling: Scheduling;
  #scheduler: SequenceScheduler<PendingCall, SequenceInstance>;
  #entry: VersionView['entry'];
  #scheduled = false;
  readonly #wake: WakeTimer;
  /** Its batches follow from its sequences: nobody plans them by their time. */
  readonly replicas = [];
  /** Where calls are that wait here. */
  readonly #queue: Place = {
    where: 'queued',
    probe: false,
    withdraw: (pending) => {
      this.#scheduler.remove(pending, this.#options.clock.now());
      this.#schedule();
    },
  };

  constructor(options: SequenceLaneOptions, view: VersionView, batching: SequenceBatching) {
    this.#options = options;
    this.#wake = new WakeTimer(options.clock, () => this.#dispatch());
    this.#instances = new SequenceInstances(options.version);
    this.#batching = batching;
    this.#scheduling = schedulingFor(view);
    this.#entry = view.entry;
    this.#scheduler = this.#newScheduler();
  }

  get model(): string {
    return this.#options.model;
  }

  get version(): string {
    return this.#options.version;
  }

  get size(): number {
    return this.#scheduler.size;
  }

  /** Whether this sequence runs here. */
  holds(id: SequenceId): boolean {
    return this.#scheduler.holds(id);
  }

  /** The sequence begins anew elsewhere. */
  leave(id: SequenceId): void {
    this.#scheduler.close(id, this.#options.clock.now());
  }

  describe(view: VersionView): boolean {
    if (view.entry === this.#entry) return true;
    this.#entry = view.entry;
    this.#scheduling = schedulingFor(view);
    const batching = sequenceBatchingFor(view);
    if (batching === undefined) return false;
    if (JSON.stringify(batching) === JSON.stringify(this.#batching)) return true;
    // The version was loaded anew under its number: nobody remembers the sequences that there were.
    const unbegun = this.takeAll();
    this.#batching = batching;
    this.#scheduler = this.#newScheduler();
    this.#keys = randomUUID();
    this.putBack(unbegun);
    return true;
  }

  submit(call: Call, rows: number): PendingCall {
    const { clock, maxQueueSize, maxQueueBytes, observer } = this.#options;
    const nowMs = clock.now();
    if (rows > 1) throw severalRows(this.model);
    const terms = termsOf(call, this.#scheduling, { rows, maxRows: this.#batching.maxRows, nowMs });
    // A deadline ends the wait as a limit does: nobody is dropped here before.
    const limitMs = terms.refusedLate ? terms.startByMs : Number.POSITIVE_INFINITY;
    const startByMs = Math.min(limitMs, terms.deadlineMs);
    const pending = new PendingCall(call, { ...terms, startByMs, refusedLate: true }, nowMs);
    if (pending.deadlineMs <= nowMs) throw expired(pending, nowMs);
    const { size, byteSize } = this.#scheduler;
    if (size >= maxQueueSize || byteSize + pending.byteSize > maxQueueBytes) {
      observer.onShed('full');
      throw full(pushbackMs);
    }
    this.#enqueue(pending, nowMs);
    limitWait(pending, clock, () => observer.onShed('deadline'));
    return pending;
  }

  putBack(calls: readonly PendingCall[]): void {
    const nowMs = this.#options.clock.now();
    for (const pending of calls) {
      try {
        this.#enqueue(pending, nowMs);
      } catch (thrown) {
        pending.settle({ error: thrown as WeftError });
      }
    }
  }

  attach(attachment: Attachment): void {
    this.#instances.attach(attachment);
    this.#schedule();
  }

  detach(attachment: Attachment): void {
    const lost = this.#instances.detach(attachment).flatMap((instance) => this.#scheduler.lose(instance));
    this.#failLost(lost, this.#gone(attachment));
    this.#schedule();
  }

  takeAll(): PendingCall[] {
    this.#wake.at(Number.POSITIVE_INFINITY);
    const { lost, unbegun } = this.#scheduler.takeAll();
    // Of a sequence that is more than its first request, one part must not go elsewhere than another.
    const single = unbegun.filter(({ waiting }) => waiting.length === 1);
    this.#failLost(
      [...lost, ...unbegun.filter(({ waiting }) => waiting.length !== 1)],
      `version ${this.version} serves no more`,
    );
    const calls = single.flatMap(({ waiting }) => waiting);
    for (const pending of calls) pending.leave(this.#queue);
    return calls;
  }

  changed(): void {
    this.#schedule();
  }

  onItem(_batch: SentBatch, pending: PendingCall, { outcome, ...times }: ItemResult): void {
    this.#scheduler.answered(pending, this.#options.clock.now());
    if (outcome instanceof Uint8Array) pending.settle({ payload: outcome, times });
    else pending.settle({ error: itemError(outcome) });
  }

  onExecuted(executions: readonly Execution[]): void {
    this.#options.counts.executed(executions);
  }

  onEnded(batch: SentBatch, end: BatchEnd, left: readonly PendingCall[]): void {
    const nowMs = this.#options.clock.now();
    const instance = this.#ofBatch.get(batch);
    this.#ofBatch.delete(batch);
    if (end === 'undelivered') this.#takeBack(batch.calls, nowMs);
    else if (end === 'answered') {
      for (const pending of batch.calls) this.#scheduler.answered(pending, nowMs);
      for (const pending of left)
        pending.settle({ error: new WeftError('INTERNAL', 'the replica left this request unanswered') });
    } else {
      const why =
        end === 'crashed' || instance === undefined ? 'its instance crashed' : this.#gone(instance.attachment);
      // What is on its way is not in the scheduler any more once its instance is lost.
      const lost = instance === undefined ? [] : this.#scheduler.lose(instance);
      for (const pending of left) pending.settle({ error: this.#lostError(pending, why) });
      this.#failLost(lost, why);
    }
    this.#schedule();
  }

  #gone({ endpoint }: Attachment): string {
    return `its replica ${endpoint} is gone, or serves version ${this.version} no more`;
  }

  #lostError({ sequence }: PendingCall, why: string): WeftError {
    return lostSequence(lostMessage(this.model, sequence?.id ?? '', why));
  }

  #newScheduler(): SequenceScheduler<PendingCall, SequenceInstance> {
    return new SequenceScheduler({ ...this.#batching, maxBytes: this.#options.maxBatchBytes });
  }

  #enqueue(pending: PendingCall, nowMs: number): void {
    const { lost } = this.#options;
    const { sequence } = pending.call;
    if (sequence?.id === undefined) throw withoutId(this.model);
    const { id, start, end } = sequence;
    if (!this.#scheduler.offer(pending, { id, start, end, byteSize: pending.byteSize }, nowMs)) {
      const reason = lost.reasonOf(this.model, id);
      throw reason === undefined ? notStarted(this.model, id) : lostSequence(reason);
    }
    if (start) lost.forget(this.model, id);
    pending.enter(this.#queue);
    this.#schedule();
  }

  /** A batch that was never begun: those that somebody still waits for go again. */
  #takeBack(calls: readonly PendingCall[], nowMs: number): void {
    for (const pending of calls) {
      const known = this.#scheduler.bounced(pending);
      if (pending.settled) this.#scheduler.remove(pending, nowMs);
      else if (known) pending.enter(this.#queue);
      else if (pending.call.sequence?.start === true) this.#options.onLeft([pending]);
      else pending.settle({ error: this.#lostError(pending, 'its instance takes no more requests') });
    }
  }

  #failLost(sequences: readonly LostSequence<PendingCall>[], why: string): void {
    const { lost, observer } = this.#options;
    if (sequences.length === 0) return;
    observer.onSequencesLost?.(sequences.length, why);
    for (const { id, open, waiting } of sequences) {
      const message = lostMessage(this.model, id, why);
      if (open) lost.add(this.model, id, message);
      for (const pending of waiting) pending.settle({ error: lostSequence(message) });
    }
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    for (;;) {
      const next = this.#scheduler.next(this.#instances.free(), this.#options.clock.now());
      if ('askAgainMs' in next) {
        this.#wake.at(next.askAgainMs);
        return;
      }
      this.#send(next);
    }
  }

  #send({ instance, turns, released, reason, oldestSinceMs }: Batch): void {
    const { clock, observer, version } = this.#options;
    const { attachment, index } = instance;
    const sentMs = clock.now();
    const key = (number: number): string => `${this.#keys}/${number}`;
    const calls = turns.map(({ item: pending, number, id, start, end }) => {
      pending.leave(this.#queue);
      pending.sequence = { key: key(number), id, start, end };
      return pending;
    });
    const company = ordinaryCompany((calls[0] as PendingCall).call.method);
    const rows = calls.length;
    const batch = new SentBatch({
      ...{ owner: this, carrier: attachment, version, company, calls, rows, sentMs, expectedMs: 0, probe: false },
      ...{ instance: index, released: released.map(key) },
    });
    this.#ofBatch.set(batch, instance);
    attachment.dispatch(batch);
    watchDeadlines(batch, clock);
    const { method } = company;
    observer.onDispatched({ method, rows, requests: rows, queueMs: sentMs - oldestSinceMs, reason });
  }
}
