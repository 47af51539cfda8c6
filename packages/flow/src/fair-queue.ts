// What waits for one kind of batch, in the order in which it should be served: by priority class, then weighted fair
// shares between tenants, then due time, first come first served among equals. A class below another one that waits keeps
// a share of the rows (5%), so that nothing starves. An operation costs O(log n) for n items, times the few classes. What
// looks further is bounded: how many rows come before an item is counted for a hundred and estimated beyond; who makes
// room is looked for among the tenants; the next deadline that can be met, among those that cannot.
//
// Between tenants it is start-time fair queueing (Goyal, Vin, Cheng, 1996) with rows as the size of an item: see
// tenant-shares.ts. Between classes a lower one earns credit with every row that is served while it waits.
import { HeapEntry, IndexedHeap } from './indexed-heap.ts';
import { type ExcessOf, TenantShares } from './tenant-shares.ts';
import type { Waiting } from './waiting.ts';

/** The share of the rows that a class keeps when higher ones would take all. */
const keptShare = 0.05;

/** Where an item is in the orders that it is part of. */
interface Places<Item> {
  readonly due: HeapEntry<Item>;
  readonly turn: HeapEntry<Item>;
  readonly age: HeapEntry<Item>;
}

interface PriorityClass<Item extends Waiting> {
  readonly priority: number;
  readonly tenants: TenantShares<Item>;
  /** Rows that it may be served before the classes above it. */
  credit: number;
}

export class FairQueue<Item extends Waiting> {
  readonly #classes: PriorityClass<Item>[] = [];
  readonly #places = new Map<Item, Places<Item>>();
  // Who has a deadline may be dropped for it, who has none may not: each kind has its own order by due time.
  readonly #byDeadline = new IndexedHeap<Item>();
  readonly #byObjective = new IndexedHeap<Item>();
  readonly #byAge = new IndexedHeap<Item>();
  readonly #weightOf: (tenant: string) => number;
  #nextOrder = 0;
  #nextOrderBefore = -1;
  #rows = 0;
  #bytes = 0;

  /** `weightOf` a tenant is a positive number; all weigh the same by default. */
  constructor(weightOf: (tenant: string) => number = () => 1) {
    this.#weightOf = weightOf;
  }

  get size(): number {
    return this.#places.size;
  }

  get rows(): number {
    return this.#rows;
  }

  get byteSize(): number {
    return this.#bytes;
  }

  /** How many wait in one class. */
  sizeOf(priority: number): number {
    return this.#classes.find((one) => one.priority === priority)?.tenants.size ?? 0;
  }

  append(item: Item): void {
    this.#insert(item, this.#nextOrder++);
  }

  /** Puts items that were taken back: among their equals they come first, in their order. */
  putBack(items: readonly Item[]): void {
    for (const item of [...items].reverse()) this.#insert(item, this.#nextOrderBefore--);
  }

  /** Takes one item out; false when it is not here. */
  remove(item: Item): boolean {
    const places = this.#places.get(item);
    if (places === undefined) return false;
    this.#classOf(item.priority).tenants.remove(places.turn);
    this.#forget(item, places);
    return true;
  }

  /** Takes one item out; the result puts it back where it was. */
  displace(item: Item): () => void {
    const order = this.#places.get(item)?.due.order;
    if (order === undefined) return () => {};
    this.remove(item);
    return () => this.#insert(item, order);
  }

  /** Takes out everything, in the order in which it came, what was put back first. */
  takeAll(): Item[] {
    const places = [...this.#places].sort(([, a], [, b]) => a.due.order - b.due.order);
    return places.map(([item]) => item).filter((item) => this.remove(item));
  }

  /** The next in order; stays in the queue. */
  peek(): Item | undefined {
    return this.#nextClass()?.tenants.peek();
  }

  /**
   * Takes out the next in order and charges its class and tenant for it. With `excessOf`, of the tenants of its class those come
   * first that have least in excess.
   */
  take(excessOf?: ExcessOf): Item | undefined {
    const from = this.#nextClass();
    const item = from?.tenants.take(excessOf);
    if (from === undefined || item === undefined) return undefined;
    this.#charge(from, item.rows);
    this.#forget(item, this.#places.get(item) as Places<Item>);
    return item;
  }

  /** Whose deadline comes first; undefined when none has one. */
  firstDeadline(): Item | undefined {
    return this.#byDeadline.peek()?.value;
  }

  /** The first deadline at that instant or later; Infinity when there is none. Looks at those before it. */
  firstDeadlineFrom(instantMs: number): number {
    return this.#byDeadline.firstKeyFrom(instantMs);
  }

  /** When the first of all is due; Infinity when nothing waits. */
  earliestDueMs(): number {
    const infinity = Number.POSITIVE_INFINITY;
    return Math.min(this.#byDeadline.peek()?.key ?? infinity, this.#byObjective.peek()?.key ?? infinity);
  }

  /** Who waits longest. */
  oldest(): Item | undefined {
    return this.#byAge.peek()?.value;
  }

  /** At most so many rows are served before an item like this one that came now; some number above `enough` when more. */
  rowsBefore(
    { priority, tenant, dueMs }: Pick<Waiting, 'priority' | 'tenant' | 'dueMs'>,
    enough = Number.POSITIVE_INFINITY,
  ): number {
    return this.#rowsUpTo(priority, (own, higher) => own.rowsBefore(tenant, dueMs, enough - higher));
  }

  /** At most so many rows are served while all of its class and tenant is served. */
  rowsWith({ priority, tenant }: Pick<Waiting, 'priority' | 'tenant'>): number {
    return this.#rowsUpTo(priority, (own) => own.rowsWith(tenant));
  }

  /**
   * Who makes room for an item like this one when there is none: one of the last of the lowest class, if that is lower, or else
   * of a tenant of its class that has more for its weight. With `ownClass`, when it is its class that is full, only the latter.
   * A lower class keeps its share of the places too: without any it would have nothing to serve. Undefined when nobody does.
   */
  yieldingTo(item: Pick<Waiting, 'priority' | 'tenant' | 'rows'>, ownClass = false): Item | undefined {
    const keeps = Math.floor(keptShare * this.size);
    const yields = ({ priority, tenants }: PriorityClass<Item>): boolean =>
      priority === item.priority ? tenants.size > 0 : tenants.size > keeps && !ownClass;
    const lowest = this.#classes.findLast(yields);
    if (lowest === undefined || lowest.priority < item.priority) return undefined;
    return lowest.priority > item.priority ? lowest.tenants.excess() : lowest.tenants.excess(item);
  }

  /** The rows of all classes above one, and those that count of its own. */
  #rowsUpTo(priority: number, rowsOf: (own: TenantShares<Item>, higherRows: number) => number): number {
    let rows = 0;
    for (const one of this.#classes) {
      if (one.priority > priority) break;
      rows += one.priority < priority ? one.tenants.rows : rowsOf(one.tenants, rows);
    }
    return rows;
  }

  #insert(item: Item, order: number): void {
    const due = new HeapEntry(item, item.dueMs, order);
    const age = new HeapEntry(item, item.sinceMs, order);
    this.#dueHeap(item).push(due);
    this.#byAge.push(age);
    this.#places.set(item, { due, age, turn: this.#classOf(item.priority).tenants.append(item, order) });
    this.#rows += item.rows;
    this.#bytes += item.byteSize;
  }

  #forget(item: Item, { due, age }: Places<Item>): void {
    this.#places.delete(item);
    this.#dueHeap(item).remove(due);
    this.#byAge.remove(age);
    this.#rows -= item.rows;
    this.#bytes -= item.byteSize;
  }

  #dueHeap(item: Item): IndexedHeap<Item> {
    return Number.isFinite(item.deadlineMs) ? this.#byDeadline : this.#byObjective;
  }

  #classOf(priority: number): PriorityClass<Item> {
    const at = this.#classes.findIndex((one) => one.priority >= priority);
    const found = this.#classes[at];
    if (found?.priority === priority) return found;
    const created = { priority, tenants: new TenantShares<Item>(this.#weightOf), credit: 0 };
    this.#classes.splice(at === -1 ? this.#classes.length : at, 0, created);
    return created;
  }

  /** The highest class that waits, unless a lower one has earned enough for its next item. */
  #nextClass(): PriorityClass<Item> | undefined {
    let highest: PriorityClass<Item> | undefined;
    for (const one of this.#classes) {
      const next = one.tenants.peek();
      if (next === undefined) continue;
      if (highest !== undefined && one.credit >= next.rows) return one;
      highest ??= one;
    }
    return highest;
  }

  #charge(served: PriorityClass<Item>, rows: number): void {
    let highest = true;
    for (const one of this.#classes) {
      const waits = one.tenants.size > 0 || one === served;
      // Credit is for waiting behind others: whoever is first, or has nothing to serve, starts anew.
      if (!waits || highest) one.credit = 0;
      else one.credit += keptShare * rows - (one === served ? rows : 0);
      if (waits) highest = false;
    }
  }
}
