// The calls of a lane, sorted by who may share a batch: one queue for each method, and passing ones for calls that were lost
// or failed and are sent again. Those passing ones come first, for their calls have waited already. Between the methods
// of a model instance time is shared fairly, by start-time fair queueing as between tenants; a method whose next call
// is of a lower priority class than another's is charged so much more that it keeps its twentieth. So none of them may plan
// as if the instances were its own: each is told what part of their time it gets.
import { type BatchPolicy, BatchScheduler, greedy, type LatencyProfile } from '@weft/flow';
import { type Company, ordinaryCompany, type PendingCall, type Place } from './pending-call.ts';

export interface KindSettings {
  readonly policy: BatchPolicy;
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly objectiveMs: number | undefined;
  readonly weightOf: (tenant: string) => number;
}

/** What a lower class pays for the time that a higher one pays 1 for. */
const lowerClassPrice = 19;
/** Over what time it is counted how busy the instances are, and over how many batches where those take longer. */
const countedMs = 1000;
const countedBatches = 8;

/** How many instances were kept busy lately: a sum of instance time that fades, divided by its time. */
class BusyInstances {
  #sumMs = 0;
  #overMs = countedMs;
  #updatedMs = Number.NEGATIVE_INFINITY;

  add(ms: number, nowMs: number): void {
    this.#fade(nowMs);
    this.#overMs = Math.max(countedMs, countedBatches * ms, 0.9 * this.#overMs);
    this.#sumMs += ms;
  }

  at(nowMs: number): number {
    this.#fade(nowMs);
    return this.#sumMs / this.#overMs;
  }

  #fade(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.#updatedMs);
    this.#sumMs *= Math.exp(-passedMs / this.#overMs);
    this.#updatedMs = Math.max(nowMs, this.#updatedMs);
  }
}

export interface YieldingCall {
  readonly kind: BatchKind;
  readonly pending: PendingCall;
}

/** A batch that is sent. */
export interface Charge {
  readonly priority: number;
  /** How long it is expected to take. */
  readonly ms: number;
  readonly nowMs: number;
}

export class BatchKind implements Place {
  readonly where = 'queued';
  readonly probe = false;
  readonly company: Company;
  readonly scheduler: BatchScheduler<PendingCall>;
  /** Instance time it has had, in the common virtual time. */
  tag = 0;
  readonly busy = new BusyInstances();

  constructor(company: Company, settings: KindSettings, nowMs: number) {
    this.company = company;
    const maxItems = company.alone ? 1 : undefined;
    // Those that are sent again have waited already, and company that never comes is not to be waited for.
    const policy = this.passing ? greedy : settings.policy;
    this.scheduler = new BatchScheduler({ ...settings, policy, maxItems }, nowMs);
  }

  get passing(): boolean {
    return this.company !== ordinaryCompany(this.company.method);
  }

  append(pending: PendingCall, nowMs: number, profile: LatencyProfile): void {
    pending.enter(this);
    this.scheduler.append(pending, nowMs, profile);
  }

  putBack(calls: readonly PendingCall[], nowMs: number, profile: LatencyProfile): void {
    for (const pending of calls) pending.enter(this);
    this.scheduler.putBack(calls, nowMs, profile);
  }

  withdraw(pending: PendingCall): void {
    this.scheduler.remove(pending);
  }
}

export class BatchKinds {
  readonly #kinds = new Map<string, BatchKind>();
  #virtualTime = 0;

  get size(): number {
    let size = 0;
    for (const { scheduler } of this.#kinds.values()) size += scheduler.size;
    return size;
  }

  get byteSize(): number {
    let bytes = 0;
    for (const { scheduler } of this.#kinds.values()) bytes += scheduler.byteSize;
    return bytes;
  }

  /** How many wait in one priority class. */
  sizeOf(priority: number): number {
    let size = 0;
    for (const { scheduler } of this.#kinds.values()) size += scheduler.sizeOf(priority);
    return size;
  }

  of(company: Company, create: () => BatchKind): BatchKind {
    let kind = this.#kinds.get(company.key);
    if (kind === undefined) this.#kinds.set(company.key, (kind = create()));
    // Who comes back after a pause has saved up nothing.
    if (kind.scheduler.size === 0) kind.tag = Math.max(kind.tag, this.#virtualTime);
    return kind;
  }

  /** Who makes room for a call, of all kinds: of the lowest class, and of the kind in which most wait. */
  yieldingTo(pending: PendingCall, ownClass: boolean): YieldingCall | undefined {
    let found: YieldingCall | undefined;
    for (const kind of this.#kinds.values()) {
      const yielding = kind.scheduler.yieldingTo(pending, ownClass);
      if (yielding === undefined) continue;
      const lower = yielding.priority - (found?.pending.priority ?? -1);
      const longer = kind.scheduler.size > (found?.kind.scheduler.size ?? 0);
      if (lower > 0 || (lower === 0 && longer)) found = { kind, pending: yielding };
    }
    return found;
  }

  displace({ kind, pending }: YieldingCall): () => void {
    return kind.scheduler.displace(pending);
  }

  /** Those in which something waits, in the order in which they are served. */
  inTurn(): BatchKind[] {
    const waiting: BatchKind[] = [];
    for (const [key, kind] of this.#kinds) {
      if (kind.scheduler.size > 0) waiting.push(kind);
      else if (kind.passing) this.#kinds.delete(key);
    }
    if (waiting.length > 1) waiting.sort((a, b) => Number(b.passing) - Number(a.passing) || a.tag - b.tag);
    return waiting;
  }

  /**
   * What a kind gets of the time of `count` instances: what the others have left of it lately, and at least what it gets when
   * it is served in turn with those of them that wait or did lately.
   */
  shareOf(kind: BatchKind, count: number, nowMs: number): number {
    // Before those there is nobody.
    if (kind.passing) return 1;
    const priority = kind.scheduler.priority ?? 0;
    let [busy, turns] = [0, 1];
    for (const other of this.#kinds.values()) {
      if (other === kind) continue;
      const itsBusy = other.busy.at(nowMs);
      busy += itsBusy;
      const itsPriority = other.scheduler.priority ?? (itsBusy > 0.01 * count ? priority : undefined);
      if (itsPriority !== undefined) turns += lowerClassPrice ** Math.sign(priority - itsPriority);
    }
    return Math.min(1, Math.max(1 / turns, 1 - busy / Math.max(count, 1)));
  }

  /** To be called before a batch of this kind is sent. */
  charge(kind: BatchKind, { priority, ms, nowMs }: Charge): void {
    kind.busy.add(ms, nowMs);
    const highest = Math.min(...this.inTurn().map(({ scheduler }) => scheduler.priority ?? priority));
    this.#virtualTime = Math.max(this.#virtualTime, kind.tag);
    kind.tag = Math.max(kind.tag, this.#virtualTime) + ms * (priority > highest ? lowerClassPrice : 1);
  }

  /** Everything that waits, taken out of all places here. */
  takeAll(): PendingCall[] {
    const calls: PendingCall[] = [];
    for (const kind of this.#kinds.values())
      for (const pending of kind.scheduler.takeAll()) {
        pending.leave(kind);
        calls.push(pending);
      }
    this.#kinds.clear();
    return calls;
  }
}
