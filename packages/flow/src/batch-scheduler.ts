// The queue of one model version for all its instances, and what leaves it when: batches by a policy, and what cannot be
// answered in time. It keeps no timer and asks no clock; whoever owns it asks again when something changes, and at the
// instant it was told.
//
// What is dropped: whose time does not suffice even for a batch of its own; and early, whose time does not suffice for a batch
// with which the instances keep up with what arrives (no larger than an efficient one, nor than what is served before it and
// with it: the waiting rows of higher classes, and of its own as many as its tenant's make at its share). Saving those
// would shrink the batch, with it the throughput, make the others late too, and end with all instances busy with small
// batches (Clockwork, OSDI 20; Nexus, SOSP 19). What waits in lower classes, and the flood of another tenant, drop nobody.
// Profiles are estimates: none of them empties the queue while an instance is free, so that a wrong one is found out.
import { Admission } from './admission.ts';
import { ArrivalRate } from './arrival-rate.ts';
import { type BatchPolicy, type DispatchReason, rowsToKeepUp } from './batch-policy.ts';
import { FairQueue } from './fair-queue.ts';
import { type Instances, leftToFasterMs } from './instances.ts';
import type { LatencyProfile } from './latency-profile.ts';
import { dueMsOf, type Offered } from './offered.ts';
import { UsualDeadline } from './usual-deadline.ts';
import type { Waiting } from './waiting.ts';

export interface SchedulerSettings {
  readonly policy: BatchPolicy;
  readonly maxRows: number;
  readonly maxBytes: number;
  /** Items in one batch, however few rows they have; by default as many as fit. */
  readonly maxItems?: number | undefined;
  /** Within what time who has no deadline should be answered; by default twice the time of an efficient batch. */
  readonly objectiveMs?: number | undefined;
  readonly weightOf?: ((tenant: string) => number) | undefined;
}

export interface Turn<Item> {
  /** To be answered at once: they cannot make it. */
  readonly dropped: readonly Item[];
  readonly batch?: { readonly items: readonly Item[]; readonly rows: number; readonly reason: DispatchReason };
  /** When to ask again if nothing happens; Infinity when nothing waits. */
  readonly askAgainMs: number;
}

interface Entry<Item> extends Waiting {
  readonly item: Item;
}

export class BatchScheduler<Item extends Offered> {
  readonly #settings: SchedulerSettings;
  readonly #queue: FairQueue<Entry<Item>>;
  readonly #entries = new Map<Item, Entry<Item>>();
  readonly #rate: ArrivalRate;
  readonly #usual = new UsualDeadline();
  readonly #admission = new Admission();

  constructor(settings: SchedulerSettings, nowMs: number) {
    this.#settings = settings;
    this.#queue = new FairQueue(settings.weightOf);
    this.#rate = new ArrivalRate(nowMs);
  }

  get size(): number {
    return this.#queue.size;
  }

  /** How many wait in one priority class. */
  sizeOf(priority: number): number {
    return this.#queue.sizeOf(priority);
  }

  get rows(): number {
    return this.#queue.rows;
  }

  get byteSize(): number {
    return this.#queue.byteSize;
  }

  append(item: Item, nowMs: number, profile: LatencyProfile): void {
    this.#rate.add(item.rows, nowMs);
    if (Number.isFinite(item.deadlineMs)) this.#usual.learn(item.deadlineMs - nowMs, item.priority);
    this.#queue.append(this.#entry(item, nowMs, profile));
  }

  /** Whether an item that comes now is likely to be answered in time: see admission.ts. */
  admits(item: Offered, nowMs: number, instances: Instances): boolean {
    if (item.deadlineMs === Number.POSITIVE_INFINITY) return true;
    if (instances.free > 0) {
      this.#admission.letIn();
      return true;
    }
    const { profile, marginMs, endsMs, share = 1, sharing } = instances;
    const { priority, tenant, deadlineMs } = item;
    return this.#admission.admits(item, nowMs, {
      profile,
      marginMs,
      endsMs,
      share: share * (sharing?.timePart ?? 1),
      batchRows: Math.max(1, this.#usual.efficientRows(profile, priority)),
      largestRows: Math.max(1, this.#usual.largestRows(profile, priority)),
      waitingRows: this.#queue.rows,
      rowsBefore: (enough) => this.#queue.rowsBefore({ priority, tenant, dueMs: deadlineMs }, enough),
    });
  }

  /** How long the first deadline of all leaves; Infinity without one. */
  slackMs(nowMs: number): number {
    return (this.#queue.firstDeadline()?.deadlineMs ?? Number.POSITIVE_INFINITY) - nowMs;
  }

  /** When the first of those who wait is due: its deadline, or what the model is meant to keep to; Infinity when nothing waits. */
  get dueMs(): number {
    return this.#queue.earliestDueMs();
  }

  /** How long those who wait keep all instances busy. */
  drainMs({ profile, count, share = 1, sharing }: Instances): number {
    const rows = Math.max(1, this.#usual.efficientRows(profile));
    const part = share * (sharing?.timePart ?? 1);
    return (this.#queue.rows / rows / (part * Math.max(count, 1))) * profile.meanMs(rows);
  }

  /** Who makes room for this item when the queue is full, or its class is (`ownClass`); it stays here until it is removed. */
  yieldingTo(item: Offered, ownClass = false): Item | undefined {
    return this.#queue.yieldingTo(item, ownClass)?.item;
  }

  /** Takes one out; the result puts it back where it was. */
  displace(item: Item): () => void {
    const entry = this.#entries.get(item);
    if (entry === undefined) return () => {};
    this.#entries.delete(item);
    const putBack = this.#queue.displace(entry);
    return () => {
      this.#entries.set(item, entry);
      putBack();
    };
  }

  /** Everything that waits, taken out, in the order in which it came. */
  takeAll(): Item[] {
    this.#entries.clear();
    return this.#queue.takeAll().map(({ item }) => item);
  }

  /** The class of the next in order, 0 the highest; undefined when nothing waits. */
  get priority(): number | undefined {
    return this.#queue.peek()?.priority;
  }

  /** Puts back what a lost replica had: before its equals, and not counted as arriving again. */
  putBack(items: readonly Item[], nowMs: number, profile: LatencyProfile): void {
    this.#queue.putBack(items.map((item) => this.#entry(item, nowMs, profile)));
  }

  /** Takes out what its client has given up; false when it is not here any more. */
  remove(item: Item): boolean {
    const entry = this.#entries.get(item);
    return entry !== undefined && this.#entries.delete(item) && this.#queue.remove(entry);
  }

  turn(nowMs: number, instances: Instances): Turn<Item> {
    const turn = this.#turn(nowMs, instances);
    this.#admission.waitedInVain(turn.dropped.length);
    return turn;
  }

  #turn(nowMs: number, instances: Instances): Turn<Item> {
    const dropped = this.#drop(nowMs, instances);
    if (this.#queue.size === 0) return { dropped, askAgainMs: Number.POSITIVE_INFINITY };
    const askAgainMs = this.#hopelessFromMs(instances);
    if (instances.free === 0) return { dropped, askAgainMs };
    const { profile, marginMs, count, share = 1, sharing } = instances;
    const decision = this.#settings.policy({
      nowMs,
      waitingRows: this.#queue.rows,
      fitRows: Math.max(1, this.#fitRows(nowMs, instances)),
      // Timers are late as answers are: the margin once more for those who wait for the latest moment.
      dueMs: this.#queue.earliestDueMs() - 2 * marginMs,
      deadlineMs: (this.#queue.firstDeadline()?.deadlineMs ?? Number.POSITIVE_INFINITY) - 2 * marginMs,
      oldestSinceMs: this.#queue.oldest()?.sinceMs ?? nowMs,
      profile,
      instances: share * count,
      rowsPart: sharing?.rowsPart,
      rowsPerMs: this.#rowsPerMs(nowMs, instances),
    });
    if ('waitUntilMs' in decision) return { dropped, askAgainMs: Math.min(askAgainMs, decision.waitUntilMs) };
    const { items, rows, late } = this.#take(decision.rows, nowMs, instances);
    const all = late.length === 0 ? dropped : [...dropped, ...late];
    if (items.length === 0) {
      // The head is left to a faster instance, and so are those behind it, as long as that may answer it in time.
      const left = this.#queue.peek();
      const leftMs = left === undefined ? Number.POSITIVE_INFINITY : leftToFasterMs(left, nowMs, instances);
      return { dropped: all, askAgainMs: Math.min(leftMs + 0.01, this.#hopelessFromMs(instances)) };
    }
    return { dropped: all, batch: { items, rows, reason: decision.reason }, askAgainMs: nowMs };
  }

  #rowsPerMs(nowMs: number, { profile, count }: Pick<Instances, 'profile' | 'count'>): number {
    // Over twice the time of the largest batch a lone request is no load that batches have to grow for.
    return this.#rate.rowsPerMs(nowMs, (2 * profile.plannedMs(profile.maxRows)) / count);
  }

  #entry(item: Item, nowMs: number, profile: LatencyProfile): Entry<Item> {
    const { rows, byteSize, deadlineMs, priority, tenant } = item;
    const objectiveMs = item.objectiveMs ?? this.#settings.objectiveMs ?? this.#objectiveMs(item, profile);
    const dueMs = dueMsOf(item, { nowMs, objectiveMs, plannedMs: profile.plannedMs(rows) });
    const entry = { item, rows, byteSize, deadlineMs, dueMs, priority, tenant, sinceMs: nowMs };
    this.#entries.set(item, entry);
    return entry;
  }

  /** What who has no deadline may expect: twice the time of an efficient batch. */
  #objectiveMs({ priority }: Offered, profile: LatencyProfile): number {
    return 2 * profile.plannedMs(Math.max(1, this.#usual.efficientRows(profile, priority)));
  }

  /** The most rows with which the first deadline is met that can be met at all, as far as planned. */
  #fitRows(nowMs: number, { profile, marginMs }: Instances): number {
    const first = this.#queue.firstDeadline();
    if (first === undefined) return profile.maxRows;
    const rows = profile.mostRowsWithin(first.deadlineMs - marginMs - nowMs);
    if (rows >= Math.min(first.rows, profile.maxRows)) return rows;
    // Whoever is late already need not make the others' batch small.
    const nextMs = this.#queue.firstDeadlineFrom(nowMs + marginMs + profile.plannedMs(1));
    return profile.mostRowsWithin(nextMs - marginMs - nowMs);
  }

  #drop(nowMs: number, instances: Instances): Item[] {
    const dropped: Item[] = [];
    for (let first = this.#queue.firstDeadline(); first !== undefined; first = this.#queue.firstDeadline()) {
      if (first.deadlineMs - nowMs >= this.#neededMs(first, nowMs, instances)) break;
      if (instances.free > 0 && this.#queue.size === 1 && first.deadlineMs > nowMs) break;
      this.#queue.remove(first);
      this.#entries.delete(first.item);
      dropped.push(first.item);
    }
    return dropped;
  }

  /** Who has less time left is dropped. */
  #neededMs(entry: Entry<Item>, nowMs: number, instances: Instances): number {
    const { fastest, profile, marginMs, count, free, share = 1, sharing } = instances;
    const aloneMs = fastest.meanMs(entry.rows);
    // The fastest with one row need not be so with many, and who is dropped must not be whom the policy still waits with.
    const batchMs = (rows: number): number =>
      free > 0 ? Math.min(fastest.plannedMs(rows), profile.plannedMs(rows)) : fastest.plannedMs(rows);
    const withMs = (rows: number): number =>
      rows > entry.rows ? Math.max(aloneMs, batchMs(rows) + marginMs) : aloneMs;
    // Who can ride in a large batch can ride in any smaller one, which costs more to know.
    if (entry.deadlineMs - nowMs >= withMs(fastest.maxRows)) return aloneMs;
    const mates = Math.min(this.#queue.rowsWith(entry), this.#usual.efficientRows(fastest, entry.priority));
    if (entry.deadlineMs - nowMs >= withMs(mates)) return aloneMs;
    const rowsPerMs = this.#rowsPerMs(nowMs, { profile: fastest, count });
    const load = { profile: fastest, rowsPerMs, rowsPart: sharing?.rowsPart, instances: share * count };
    return withMs(Math.min(mates, rowsToKeepUp(load, 1)));
  }

  /** From when on the first deadline cannot be met. */
  #hopelessFromMs({ fastest }: Instances): number {
    const first = this.#queue.firstDeadline();
    if (first === undefined) return Number.POSITIVE_INFINITY;
    // A moment later than exactly then, when it still can.
    return first.deadlineMs - fastest.meanMs(first.rows) + 0.01;
  }

  /**
   * The head, and what follows as long as all of them are answered in time. Whoever may be late even alone rides along
   * without making the batch smaller; whoever certainly is, is dropped, unless it is the last that waits.
   */
  #take(mostRows: number, nowMs: number, instances: Instances): { items: Item[]; rows: number; late: Item[] } {
    const { maxRows, maxBytes, maxItems = Number.POSITIVE_INFINITY } = this.#settings;
    const { profile, marginMs } = instances;
    const items: Item[] = [];
    const late: Item[] = [];
    let [rows, bytes, deadlineMs] = [0, 0, Number.POSITIVE_INFINITY];
    for (let next = this.#queue.peek(); next !== undefined && rows < mostRows; next = this.#queue.peek()) {
      const [withRows, withBytes] = [rows + next.rows, bytes + next.byteSize];
      const tooMuch = withRows > Math.min(mostRows, maxRows) || withBytes > maxBytes || items.length >= maxItems;
      if (items.length > 0 && tooMuch) break;
      const surely = next.deadlineMs - nowMs - marginMs >= profile.plannedMs(next.rows);
      if (leftToFasterMs(next, nowMs, instances) >= nowMs) break;
      // Whose deadline was the first is none of these any more, but it may have been before that of one that is.
      const hopeless = next.deadlineMs - nowMs < this.#neededMs(next, nowMs, instances);
      if (hopeless && this.#queue.size > 1) {
        this.#entries.delete(next.item);
        this.#queue.remove(next);
        late.push(next.item);
        continue;
      }
      const earliestMs = surely ? Math.min(deadlineMs, next.deadlineMs) : deadlineMs;
      if (items.length > 0 && nowMs + profile.plannedMs(withRows) + marginMs > earliestMs) break;
      this.#entries.delete(next.item);
      this.#queue.take();
      items.push(next.item);
      [rows, bytes, deadlineMs] = [withRows, withBytes, earliestMs];
    }
    return { items, rows, late };
  }
}
