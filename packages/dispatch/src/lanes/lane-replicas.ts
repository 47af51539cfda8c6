// The replicas of one model version, and the batches that they have. Here is decided who gets a batch, and what becomes of
// its calls when it ends well or badly, takes too long, or is lost.
//
// A replica that hangs shows by a batch that takes many times longer than planned; one that is broken, by failing more than
// the others. Both open its circuit. Calls that it keeps, and those it failed for reasons of its own, are sent once more, to
// another one, as far as the retry budget goes; calls of lost replicas are sent again outside of it, for a replica that
// dies is no overload. What a replica hangs with may be what hangs it: as after a loss, whoever can afford it travels alone.
import { WeftError } from '@weft/errors';
import { type Clock, OutlierEjection, RetryBudget, type Sharing } from '@weft/flow';
import type { Execution, ItemResult } from '@weft/rpc';
import type { ModelVersion__Output } from '@weft/rpc/messages/weft/executor/v1/ModelVersion';
import type { Attachment } from '../replicas/attachment.ts';
import { type Choice, chooseReplica, toProbe, type Wanted } from './choose-replica.ts';
import { affordsAlone, elsewhere, fateOf } from './fate-of-lost.ts';
import { itemError } from './item-error.ts';
import type { AgainReason, LaneObserver } from './lane-observer.ts';
import { LaneReplica } from './lane-replica.ts';
import { LeftReplicas } from '../replicas/left-replicas.ts';
import { leastOverdueMs, OverdueLimit } from './overdue-limit.ts';
import type { Company, PendingCall } from './pending-call.ts';
import { type BatchEnd, type BatchOwner, SentBatch } from './sent-batch.ts';
import { sharingOf, tellShared } from '../replicas/shared-replicas.ts';
import type { CallCounts } from '../statistics/call-counts.ts';
import type { WaitingDemand } from '../replicas/told-demand.ts';
import { watchDeadlines, watchOverdue } from './watch-batch.ts';

export interface LaneReplicasOptions {
  readonly version: string;
  readonly clock: Clock;
  readonly counts: CallCounts;
  readonly observer: Pick<LaneObserver, 'onDispatched' | 'onSentAgain' | 'onEjected' | 'onReadmitted'>;
  /** After so long a call is sent a second time; undefined: never for that reason. */
  readonly hedgeMs: () => number | undefined;
  /** Calls that need a place again, in the company that they have now. */
  readonly onLeft: (calls: readonly PendingCall[]) => void;
  /** Nobody serves this version any more, but another one of the model. */
  readonly supplanted: () => boolean;
  /** A replica may be free now. */
  readonly onChange: () => void;
}

/** So often another replica is looked for, for calls that one keeps. */
const askAgainMs = 1000;

export class LaneReplicas implements BatchOwner {
  readonly #options: LaneReplicasOptions;
  readonly #replicas = new Map<Attachment, LaneReplica>();
  readonly #left = new LeftReplicas<LaneReplica>();
  readonly [Symbol.iterator] = (): Iterator<LaneReplica> => this.#replicas.values();
  readonly #ofBatch = new Map<SentBatch, LaneReplica>();
  readonly #ejection = new OutlierEjection<LaneReplica>();
  readonly #budget: RetryBudget;
  /** Batches of suspects, as long as their replicas do not seem to hang. */
  readonly #suspected = new Set<SentBatch>();
  /** By method. */
  readonly #overdueLimits = new Map<string, OverdueLimit>();

  constructor(options: LaneReplicasOptions) {
    this.#options = options;
    this.#budget = new RetryBudget(undefined, options.clock.now());
  }

  attach(attachment: Attachment, entry: ModelVersion__Output): void {
    const replica =
      this.#replicas.get(attachment) ??
      this.#left.take(attachment.identity, this.#options.clock.now()) ??
      new LaneReplica(attachment, this.#options.version);
    replica.attachment = attachment;
    this.#replicas.set(attachment, replica);
    replica.describe(entry);
  }

  detach(attachment: Attachment): void {
    const replica = this.#replicas.get(attachment);
    if (replica === undefined) return;
    this.#replicas.delete(attachment);
    this.#left.add(attachment.identity, replica, this.#options.clock.now());
  }

  /** A call was admitted: a share of those may be sent again. */
  admitted(): void {
    this.#budget.deposit(this.#options.clock.now());
  }

  choose(wanted: Wanted): Choice<LaneReplica> {
    return chooseReplica(this.#replicas.values(), wanted);
  }

  /** What this router has of these replicas; undefined when no other works with one of them. */
  get sharing(): Sharing | undefined {
    return sharingOf(this.#replicas, this.#options.version);
  }

  /** Tells those that are shared what waits here for one of them to be free; undefined: nothing does. */
  tell(waiting: WaitingDemand | undefined, nowMs: number): void {
    tellShared(this.#replicas, { version: this.#options.version, waiting, nowMs });
  }

  /** Suspects take a quarter of the instances at most: the others have done nothing wrong. */
  get mayTravelAlone(): boolean {
    let instances = 0;
    for (const replica of this.#replicas.values()) instances += replica.instances;
    return this.#suspected.size < Math.max(1, Math.floor(instances / 4));
  }

  /** Sends a batch to a replica that has a credit. */
  send(
    replica: LaneReplica,
    { calls, rows, company }: { calls: readonly PendingCall[]; rows: number; company: Company },
  ): void {
    const batch = this.#send(replica, { calls, rows, company, probe: false });
    this.#watch(batch, replica);
    if (company.alone) this.#suspected.add(batch);
    else this.#probe(calls, company);
  }

  onItem(batch: SentBatch, pending: PendingCall, { outcome, ...times }: ItemResult): void {
    const replica = this.#ofBatch.get(batch);
    if (outcome instanceof Uint8Array) {
      batch.computedRows += pending.rows;
      batch.computedItems += 1;
      batch.computeMs = (times.computeInputUs + times.computeInferUs + times.computeOutputUs) / 1000;
      pending.settle({ payload: outcome, times });
    } else {
      const error = itemError(outcome);
      const failed = error.code === 'INTERNAL' || error.code === 'UNAVAILABLE';
      if (failed) batch.failedItems += 1;
      // What lies with one replica is no answer as long as another has the call, or is about to get it.
      if (failed && !pending.adrift) return;
      const again = error.code === 'UNAVAILABLE' && replica !== undefined;
      if (!again || !this.#sendAgain([pending], replica, 'failed')) pending.settle({ error });
    }
  }

  onExecuted(executions: readonly Execution[]): void {
    this.#options.counts.executed(executions);
  }

  onEnded(batch: SentBatch, end: BatchEnd, left: readonly PendingCall[]): void {
    const { clock, onLeft, onChange } = this.#options;
    const { company, calls } = batch.options;
    const nowMs = clock.now();
    const replica = this.#ofBatch.get(batch);
    this.#ofBatch.delete(batch);
    this.#suspected.delete(batch);
    replica?.work.remove(batch, nowMs);
    if (replica !== undefined && end === 'answered') this.#judge(replica, batch, nowMs);
    if (end === 'answered')
      for (const pending of left)
        pending.settle({ error: new WeftError('INTERNAL', 'the replica left this request unanswered') });
    else if (end === 'undelivered' || end === 'closed') onLeft(left);
    else if (left.length > 0) {
      const profile = replica?.profile(company.method);
      const aloneMs = (profile?.plannedMs(1) ?? 0) + (replica?.marginMs ?? 0);
      const { culprits, again } = fateOf({
        calls: left,
        alone: calls.length === 1,
        crashed: end === 'crashed',
        nowMs,
        aloneMs,
      });
      for (const pending of culprits) pending.settle({ error: new WeftError('INTERNAL', lossMessages[end]) });
      onLeft(again);
    }
    onChange();
  }

  #send(
    replica: LaneReplica,
    given: { calls: readonly PendingCall[]; rows: number; company: Company; probe: boolean },
  ): SentBatch {
    const { clock, version } = this.#options;
    const expectedMs = replica.profile(given.company.method).meanMs(given.rows);
    const sentMs = clock.now();
    const batch = new SentBatch({ ...given, owner: this, carrier: replica.attachment, version, sentMs, expectedMs });
    this.#ofBatch.set(batch, replica);
    replica.send(batch);
    return batch;
  }

  /** A copy of the smallest call goes to a replica that would get nothing otherwise; whichever answers first counts. */
  #probe(calls: readonly PendingCall[], company: Company): void {
    const { clock, observer } = this.#options;
    const { method } = company;
    const nowMs = clock.now();
    const replica = toProbe(this.#replicas.values(), { method, nowMs });
    if (replica === undefined) return;
    const smallest = calls.reduce((least, pending) => (pending.rows < least.rows ? pending : least));
    const { rows, enqueuedMs } = smallest;
    this.#send(replica, { calls: [smallest], rows, company, probe: true });
    observer.onDispatched({ method, rows, requests: 1, queueMs: nowMs - enqueuedMs, reason: 'probe' });
  }

  #watch(batch: SentBatch, replica: LaneReplica): void {
    const { clock, hedgeMs } = this.#options;
    const { company, rows, sentMs } = batch.options;
    const limitMs = (one: SentBatch): number => this.#overdueMs(one, replica);
    const overdueAtMs = (): number => replica.work.overdueAtMs(batch, limitMs);
    let ejected = false;
    const onOverdue = (): number => {
      // Nobody knows when it ends: the other suspects, and this one elsewhere, do not wait for that.
      this.#suspected.delete(batch);
      if (!ejected) this.#eject(replica, `a batch of ${rows} rows takes over ${Math.round(overdueAtMs() - sentMs)} ms`);
      ejected = true;
      this.#sendAgain(batch.calls, replica, 'overdue');
      // Another replica may come, or recover, and the budget fill up.
      const left = batch.calls.some(({ settled, sentAgain }) => !settled && !sentAgain);
      return left ? clock.now() + askAgainMs : Number.POSITIVE_INFINITY;
    };
    watchOverdue(batch, clock, { overdueAtMs, onOverdue });
    const hedge = hedgeMs();
    // What may crash replicas is not given to two at a time.
    if (hedge !== undefined && hedge < overdueAtMs() - sentMs && !company.alone)
      batch.endsWith(clock.setTimer(hedge, () => void this.#sendAgain(batch.calls, replica, 'hedge')));
    watchDeadlines(batch, clock);
  }

  #overdueMs({ options }: SentBatch, replica: LaneReplica): number {
    const { company, rows, expectedMs } = options;
    const known = replica.profile(company.method).knows(rows);
    const { marginMs } = replica;
    return this.#overdueLimit(company.method).limitMs({ expectedMs, known, marginMs }, this.#options.clock.now());
  }

  #overdueLimit(method: string): OverdueLimit {
    let limit = this.#overdueLimits.get(method);
    if (limit === undefined) this.#overdueLimits.set(method, (limit = new OverdueLimit()));
    return limit;
  }

  /** Whether some of them are sent again: there is another replica, and budget. */
  #sendAgain(calls: readonly PendingCall[], from: LaneReplica, reason: AgainReason): boolean {
    const { clock, observer, onLeft, supplanted } = this.#options;
    const nowMs = clock.now();
    const trusted = ({ circuit }: LaneReplica): boolean =>
      // A call that nobody answers is worth trying a replica of which nothing better is known.
      reason === 'overdue' ? circuit.allows(nowMs) : circuit.state(nowMs) === 'closed';
    const other = [...this.#replicas.values()].some((one) => one !== from && trusted(one));
    const moves = !other && supplanted();
    if (!other && !moves) return false;
    // One of them may hang again, and then the next waits until that one is overdue.
    const suspects = {
      count: calls.filter(({ settled }) => !settled).length,
      nowMs: nowMs + leastOverdueMs,
      aloneMs: from.profile((calls[0] as PendingCall).call.method).plannedMs(1) + from.marginMs,
    };
    const again = calls.filter((pending) => {
      if (pending.settled || pending.sentAgain || pending.deadlineMs <= nowMs) return false;
      if (moves && pending.call.version !== '') return false;
      if (!this.#budget.withdraw(nowMs)) return false;
      pending.sentAgain = true;
      const alone = pending.company.alone || (reason === 'overdue' && affordsAlone(pending, suspects));
      pending.company = elsewhere({ ...pending.company, alone }, from);
      observer.onSentAgain(reason);
      return true;
    });
    if (again.length > 0) onLeft(again);
    return again.length > 0;
  }

  #judge(replica: LaneReplica, batch: SentBatch, nowMs: number): void {
    const { observer } = this.#options;
    const { company } = batch.options;
    if (batch.computedItems > 0)
      this.#overdueLimit(company.method).learn(batch.computeMs, this.#overdueMs(batch, replica), nowMs);
    replica.learn(batch, nowMs);
    const closed = replica.circuit.state(nowMs) === 'closed';
    const { failedItems, computedItems, options } = batch;
    const failed = failedItems > 0;
    // A late answer shows that a replica does not hang; that it fails no more shows only what it was sent since, and computed.
    const since = options.sentMs >= replica.failingSinceMs;
    if (since)
      for (let at = 0; at < failedItems + computedItems; at += 1)
        this.#ejection.report(replica, { failed: at < failedItems }, nowMs);
    const fails = replica.failingSinceMs !== Number.NEGATIVE_INFINITY;
    if (failed && computedItems === 0) replica.circuit.fail(nowMs);
    else if (!failed && (!fails || (since && computedItems > 0))) replica.circuit.succeed(nowMs);
    if (!closed && replica.circuit.state(nowMs) === 'closed') observer.onReadmitted(replica.endpoint);
    if (!failed) return;
    for (const worse of this.#ejection.verdict([...this.#replicas.values()], nowMs)) {
      worse.failingSinceMs = nowMs;
      this.#eject(worse, 'it fails more than the others');
    }
  }

  #eject(replica: LaneReplica, reason: string): void {
    const { clock, observer, onChange } = this.#options;
    if (replica.circuit.state(clock.now()) === 'closed') observer.onEjected(replica.endpoint, reason);
    replica.circuit.trip(clock.now());
    onChange();
  }
}

const lossMessages = {
  lost: 'two replicas were lost while they worked on this request',
  crashed: 'two instances crashed while they worked on this request',
} as const;
