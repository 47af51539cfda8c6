// The queue of one model version over all its replicas: who is admitted, who makes room, and what leaves it. Each time
// something changes, and at the instants that the scheduler names, every kind of calls is asked for a batch as long as a
// replica is free. Calls that arrive in one turn of the event loop are seen together.
import { type Clock, type Instances, noInstances, type Sharing } from '@weft/flow';
import type { Scheduling } from '@weft/models';
import type { Attachment } from '../replicas/attachment.ts';
import { BatchKind, BatchKinds, type KindSettings } from './batch-kinds.ts';
import { configKey, type VersionView } from '../replicas/inventory.ts';
import type { LaneObserver } from './lane-observer.ts';
import type { LaneReplica } from './lane-replica.ts';
import { LaneReplicas } from './lane-replicas.ts';
import { limitWait } from './limit-wait.ts';
import { makeRoom } from './make-room.ts';
import { type Call, PendingCall } from './pending-call.ts';
import { policyOf, schedulingFor, termsOf } from './queueing-terms.ts';
import { expired, full, tooLong } from './refusals.ts';
import { sequenceBatchingFor } from '../sequences/sequence-batching-for.ts';
import type { CallCounts } from '../statistics/call-counts.ts';
import { demandOf } from '../replicas/told-demand.ts';
import type { VersionLane } from './version-lane.ts';

export interface LaneOptions {
  readonly model: string;
  readonly version: string;
  readonly maxQueueSize: number;
  readonly maxQueueBytes: number;
  readonly maxBatchBytes: number;
  readonly clock: Clock;
  readonly observer: LaneObserver;
  readonly counts: CallCounts;
  /** Calls that a replica gave back or was lost with: they need a place again. */
  readonly onLeft: (calls: readonly PendingCall[]) => void;
  /** Nobody serves this version any more, but another one of the model: calls that named none may go there. */
  readonly supplanted: () => boolean;
}

export class Lane implements VersionLane {
  readonly replicas: Iterable<LaneReplica>;
  readonly #options: LaneOptions;
  readonly #replicas: LaneReplicas;
  readonly #kinds = new BatchKinds();
  #scheduling: Scheduling;
  #settings: KindSettings;
  #entry: VersionView['entry'];
  #settingsKey: string;
  /** Counts what happens to replicas and batches. */
  #changes = 0;
  /** Other routers work with these replicas too. */
  #sharing: Sharing | undefined;
  readonly #seen = new WeakMap<BatchKind, { readonly changes: number; readonly instances: Instances | undefined }>();
  #scheduled = false;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => {};

  constructor(options: LaneOptions, view: VersionView) {
    this.#options = options;
    this.#scheduling = schedulingFor(view);
    this.#settings = this.#kindSettings(view);
    this.#entry = view.entry;
    this.#settingsKey = configKey(view);
    this.replicas = this.#replicas = new LaneReplicas({
      ...options,
      hedgeMs: () => this.#scheduling.hedgeMs,
      onChange: () => this.changed(),
    });
  }

  get model(): string {
    return this.#options.model;
  }

  get version(): string {
    return this.#options.version;
  }

  get size(): number {
    return this.#kinds.size;
  }

  /** What the version is now: a changed configuration or maximum holds for those who wait, too. */
  describe(view: VersionView): boolean {
    if (view.entry === this.#entry) return true;
    this.#entry = view.entry;
    const key = configKey(view);
    if (key === this.#settingsKey) return true;
    if (sequenceBatchingFor(view) !== undefined) return false;
    this.#settingsKey = key;
    this.#scheduling = schedulingFor(view);
    this.#settings = this.#kindSettings(view);
    this.putBack(this.#kinds.takeAll());
    return true;
  }

  /** Admits a call, or throws RESOURCE_EXHAUSTED when it would wait in vain, DEADLINE_EXCEEDED when it comes too late. */
  submit(call: Call, rows: number): PendingCall {
    const { clock, observer } = this.#options;
    const nowMs = clock.now();
    const { maxRows } = this.#settings;
    const pending = new PendingCall(call, termsOf(call, this.#scheduling, { rows, maxRows, nowMs }), nowMs);
    if (pending.deadlineMs <= nowMs) throw expired(pending, nowMs);
    const kind = this.#kindOf(pending, nowMs);
    const instances = this.#instancesFor(kind, nowMs);
    if (instances !== undefined && !kind.scheduler.admits(pending, nowMs, instances)) {
      observer.onShed('wait');
      throw tooLong(pending, kind.scheduler.drainMs(instances), nowMs);
    }
    this.#makeRoom(pending);
    this.#replicas.admitted();
    kind.append(pending, nowMs, (instances ?? noInstances(this.#settings.maxRows)).profile);
    limitWait(pending, clock, () => {
      observer.onShed('deadline');
      this.#schedule();
    });
    this.#schedule();
    return pending;
  }

  /** Takes calls that have waited before, here or elsewhere; they go before their equals. */
  putBack(calls: readonly PendingCall[]): void {
    const nowMs = this.#options.clock.now();
    const groups = new Map<BatchKind, PendingCall[]>();
    for (const pending of calls) {
      const kind = this.#kindOf(pending, nowMs);
      const mates = groups.get(kind);
      if (mates === undefined) groups.set(kind, [pending]);
      else mates.push(pending);
    }
    for (const [kind, mates] of groups) {
      kind.putBack(mates, nowMs, (this.#choice(kind, nowMs).instances ?? noInstances(this.#settings.maxRows)).profile);
    }
    if (calls.length > 0) this.#schedule();
  }

  attach(attachment: Attachment, view: VersionView['entry']): void {
    this.#replicas.attach(attachment, view);
    this.changed();
  }

  detach(attachment: Attachment): void {
    this.#replicas.detach(attachment);
    // What was too slow beside this one may be the best that is left.
    this.changed();
  }

  /** Everything that waits, taken out: the version goes away. */
  takeAll(): PendingCall[] {
    this.#wakeAt(Number.POSITIVE_INFINITY);
    return this.#kinds.takeAll();
  }

  changed(): void {
    this.#changes += 1;
    this.#sharing = this.#replicas.sharing;
    this.#schedule();
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
      const askAgainMs = this.#sendNext(this.#options.clock.now());
      if (askAgainMs === undefined) continue;
      this.#wakeAt(askAgainMs);
      if (this.#sharing !== undefined) this.#tellDemand();
      return;
    }
  }

  #tellDemand(): void {
    const nowMs = this.#options.clock.now();
    // Where a replica is free, what waits does so by choice.
    const stuck = this.#kinds.inTurn().filter((kind) => this.#choice(kind, nowMs).replica === undefined);
    this.#replicas.tell(demandOf(stuck), nowMs);
  }

  /** Sends one batch, or tells when to ask again. */
  #sendNext(nowMs: number): number | undefined {
    let askAgainMs = Number.POSITIVE_INFINITY;
    for (const kind of this.#kinds.inTurn()) {
      const { replica, instances = noInstances(this.#settings.maxRows) } = this.#choice(kind, nowMs);
      const { dropped, batch, askAgainMs: nextMs } = kind.scheduler.turn(nowMs, instances);
      for (const pending of dropped) this.#drop(pending, { kind, instances, nowMs });
      if (batch === undefined || replica === undefined) {
        askAgainMs = Math.min(askAgainMs, nextMs);
        continue;
      }
      const { items: calls, rows, reason } = batch;
      const { priority } = calls[0] as PendingCall;
      this.#kinds.charge(kind, { priority, ms: instances.profile.meanMs(rows), nowMs });
      for (const pending of calls) pending.leave(kind);
      this.#replicas.send(replica, { calls, rows, company: kind.company });
      this.#changes += 1;
      const queueMs = nowMs - calls.reduce((oldest, { enqueuedMs }) => Math.min(oldest, enqueuedMs), nowMs);
      const { method } = kind.company;
      this.#options.observer.onDispatched({ method, rows, requests: calls.length, queueMs, reason });
      return undefined;
    }
    return askAgainMs;
  }

  /** As they were when something last changed: arrivals alone change little, and there are many. */
  #instancesFor(kind: BatchKind, nowMs: number): Instances | undefined {
    const seen = this.#seen.get(kind);
    if (seen?.changes === this.#changes) return seen.instances;
    const { instances } = this.#choice(kind, nowMs);
    const endsMs = instances?.endsMs();
    const kept = instances === undefined ? undefined : { ...instances, endsMs: () => endsMs as number[] };
    this.#seen.set(kind, { changes: this.#changes, instances: kept });
    return kept;
  }

  #choice(kind: BatchKind, nowMs: number): ReturnType<LaneReplicas['choose']> {
    const { method, avoid, alone } = kind.company;
    const waiting = { waitingRows: kind.scheduler.rows, slackMs: kind.scheduler.slackMs(nowMs) };
    const choice = this.#replicas.choose({ ...waiting, method, avoid, nowMs });
    if (choice.instances === undefined) return choice;
    const share = this.#kinds.shareOf(kind, choice.instances.count, nowMs);
    const instances = { ...choice.instances, share, sharing: this.#sharing };
    const goes = !alone || this.#replicas.mayTravelAlone;
    return goes ? { ...choice, instances } : { replica: undefined, instances: { ...instances, free: 0 } };
  }

  #kindOf({ company }: PendingCall, nowMs: number): BatchKind {
    return this.#kinds.of(company, () => new BatchKind(company, this.#settings, nowMs));
  }

  #makeRoom(pending: PendingCall): void {
    const { maxQueueSize, maxQueueBytes, observer } = this.#options;
    const maxOfClass = this.#scheduling.queuePolicy(pending.priority + 1).maxQueueSize;
    const displaced = makeRoom(this.#kinds, pending, { maxQueueSize, maxQueueBytes, maxOfClass });
    if (displaced === undefined) {
      observer.onShed('full');
      throw full(this.#drainMs());
    }
    for (const { kind, pending: yielding } of displaced) {
      yielding.leave(kind);
      // A replica may still have it: then that one's answer counts.
      if (!yielding.adrift) continue;
      observer.onShed('full');
      yielding.settle({ error: full(this.#drainMs()) });
    }
  }

  #drop(
    pending: PendingCall,
    { kind, instances, nowMs }: { kind: BatchKind; instances: Instances; nowMs: number },
  ): void {
    pending.leave(kind);
    // A replica may still have it: then that one's answer counts.
    if (!pending.adrift) return;
    const hopeless = pending.deadlineMs - nowMs < instances.fastest.plannedMs(pending.rows) + instances.marginMs;
    this.#options.observer.onShed(hopeless ? 'deadline' : 'wait');
    const drainMs = kind.scheduler.drainMs(instances);
    pending.settle({ error: hopeless ? expired(pending, nowMs) : tooLong(pending, drainMs, nowMs) });
  }

  #drainMs(): number {
    const nowMs = this.#options.clock.now();
    const drains = this.#kinds.inTurn().map((kind) => {
      const { instances } = this.#choice(kind, nowMs);
      return instances === undefined ? Number.POSITIVE_INFINITY : kind.scheduler.drainMs({ ...instances, share: 1 });
    });
    return drains.reduce((sum, ms) => sum + ms, 0);
  }

  #kindSettings({ entry }: VersionView): KindSettings {
    const { objectiveMs, tenantWeights } = this.#scheduling;
    return {
      policy: policyOf(this.#scheduling),
      maxRows: Math.max(1, entry.maxBatchSize),
      maxBytes: this.#options.maxBatchBytes,
      objectiveMs,
      weightOf: (tenant) => tenantWeights.get(tenant) ?? 1,
    };
  }

  #wakeAt(atMs: number): void {
    const { clock } = this.#options;
    const nowMs = clock.now();
    // One that is set for an earlier instant only asks once more.
    if (this.#wakeAtMs > nowMs && this.#wakeAtMs <= atMs && atMs !== Number.POSITIVE_INFINITY) return;
    this.#cancelTimer();
    this.#wakeAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = clock.setTimer(atMs - nowMs, () => {
      // Timers fire up to two milliseconds early: then this instant has to be waited for again.
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      this.#dispatch();
    });
  }
}
