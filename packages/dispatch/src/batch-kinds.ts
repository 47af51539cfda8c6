// The calls of a lane, sorted by who may share a batch: one queue for each method, and passing ones for calls that were lost
// or failed and are sent again. Those passing ones come first, for their calls have waited already. Between the methods
// of a model instance time is shared fairly, by start-time fair queueing as between tenants; a method whose next call
// is of a lower priority class than another's is charged so much more that it keeps its twentieth.
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

export class BatchKind implements Place {
  readonly where = 'queued';
  readonly probe = false;
  readonly company: Company;
  readonly scheduler: BatchScheduler<PendingCall>;
  /** Instance time it has had, in the common virtual time. */
  tag = 0;

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
  yieldingTo(pending: PendingCall, ownClass: boolean): { kind: BatchKind; pending: PendingCall } | undefined {
    let found: { kind: BatchKind; pending: PendingCall } | undefined;
    for (const kind of this.#kinds.values()) {
      const yielding = kind.scheduler.yieldingTo(pending, ownClass);
      if (yielding === undefined) continue;
      const lower = yielding.priority - (found?.pending.priority ?? -1);
      const longer = kind.scheduler.size > (found?.kind.scheduler.size ?? 0);
      if (lower > 0 || (lower === 0 && longer)) found = { kind, pending: yielding };
    }
    return found;
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

  /** To be called before a batch of this kind is sent that will take so long. */
  charge(kind: BatchKind, priority: number, ms: number): void {
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
