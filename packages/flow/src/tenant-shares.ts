// Weighted fair shares between the tenants of one priority class: start-time fair queueing (Goyal, Vin, Cheng: "Start-time
// Fair Queueing", 1996). Each tenant has a start tag; the smallest is served next and moves on by rows ÷ weight. Who comes
// back after a pause starts at the tag being served, never below: nobody saves up shares by being silent. Within a tenant
// the order is due time, then arrival.
//
// The same shares say how long a new item will wait (behind its own tenant's items that are due before it, and what the
// others are served meanwhile), and who makes room for it when the queue is full: the tenant that has most for its weight.
// The first is asked for every item that may have to be turned away, so it looks at no more than a hundred: where more
// come before, their rows are estimated from a sample.
import { HeapEntry, IndexedHeap } from './indexed-heap.ts';
import type { Waiting } from './waiting.ts';

/** So many items are counted one by one, at most; each costs about a hundredth of a microsecond. */
const mostCounted = 64;

interface Waits<Item> {
  readonly name: string;
  readonly items: IndexedHeap<Item>;
  rows: number;
}

/** By how much a tenant has more than is its own at the moment; 0 where it has not. */
export type ExcessOf = (tenant: string) => number;

/** What it has waiting; the key is its start tag. */
type Tenant<Item> = HeapEntry<Waits<Item>>;

export class TenantShares<Item extends Waiting> {
  readonly #tenants = new Map<string, Tenant<Item>>();
  readonly #turns = new IndexedHeap<Waits<Item>>();
  readonly #weightOf: (tenant: string) => number;
  #virtualTime = 0;
  /** The furthest start tag of all. */
  #furthest = 0;
  #turnsGiven = 0;
  #size = 0;
  #rows = 0;
  /** Of the tenants with something waiting. */
  #weights = 0;

  constructor(weightOf: (tenant: string) => number) {
    this.#weightOf = weightOf;
  }

  get size(): number {
    return this.#size;
  }

  /** Tenants with something waiting, and some more that have had something. */
  get remembered(): number {
    return this.#tenants.size;
  }

  /** The returned entry is what `remove` asks for. */
  append(item: Item, order: number): HeapEntry<Item> {
    const tenant = this.#tenants.get(item.tenant) ?? this.#welcome(item.tenant);
    const entry = new HeapEntry(item, item.dueMs, order);
    this.#size += 1;
    this.#rows += item.rows;
    tenant.value.rows += item.rows;
    tenant.value.items.push(entry);
    if (tenant.value.items.size > 1) return entry;
    tenant.key = Math.max(tenant.key, this.#virtualTime);
    tenant.order = this.#turnsGiven++;
    this.#turns.push(tenant);
    this.#weights += this.#weightOf(item.tenant);
    return entry;
  }

  remove(entry: HeapEntry<Item>): void {
    const tenant = this.#tenants.get(entry.value.tenant);
    if (tenant?.value.items.remove(entry) !== true) return;
    this.#size -= 1;
    this.#rows -= entry.value.rows;
    tenant.value.rows -= entry.value.rows;
    if (tenant.value.items.size > 0) return;
    this.#turns.remove(tenant);
    this.#weights -= this.#weightOf(tenant.value.name);
    if (this.#turns.size > 0) return;
    // Nobody waits, so nobody is owed or owes anything: all start alike, and may be forgotten.
    this.#virtualTime = this.#furthest;
    this.#weights = 0;
  }

  peek(): Item | undefined {
    return this.#turns.peek()?.value.items.peek()?.value;
  }

  /**
   * With `excessOf` one of the tenants of which that is smallest, in their order; whom that passes over saves up nothing. It then
   * looks at each tenant that waits.
   */
  take(excessOf?: ExcessOf): Item | undefined {
    const tenant = excessOf === undefined ? this.#turns.peek() : this.#leastOf(excessOf);
    const entry = tenant?.value.items.peek();
    if (tenant === undefined || entry === undefined) return undefined;
    const { rows, tenant: name } = entry.value;
    this.#virtualTime = this.#tagOf(tenant);
    tenant.key = this.#virtualTime + rows / this.#weightOf(name);
    this.#furthest = Math.max(this.#furthest, tenant.key);
    tenant.order = this.#turnsGiven++;
    this.#turns.update(tenant);
    this.remove(entry);
    return entry.value;
  }

  get rows(): number {
    return this.#rows;
  }

  /**
   * At most so many rows are served before an item of this tenant that is due then; some number above `enough` when that is
   * exceeded.
   */
  rowsBefore(name: string, dueMs: number, enough = Number.POSITIVE_INFINITY): number {
    const own = this.#tenants.get(name)?.value.items;
    if (own === undefined) return 0;
    const share = this.#shareOf(name);
    return Math.min(this.#rows, rowsUntil(own, dueMs, enough * share) / share);
  }

  /** So many rows are served while this tenant is served all that it has waiting. */
  rowsWith(name: string): number {
    return Math.min(this.#rows, (this.#tenants.get(name)?.value.rows ?? 0) / this.#shareOf(name));
  }

  /**
   * One of the last items of the tenant that has most for its weight; of one that has more than the tenant of `asker` would
   * have with it, when there is an asker. Undefined when there is none.
   */
  excess(asker?: Pick<Waiting, 'tenant' | 'rows'>): Item | undefined {
    let heaviest: Waits<Item> | undefined;
    let most = asker === undefined ? 0 : this.#load(asker.tenant, asker.rows);
    for (const { value } of this.#turns.entries()) {
      const load = value.rows / this.#weightOf(value.name);
      if (load > most && value.name !== asker?.tenant) [heaviest, most] = [value, load];
    }
    return heaviest?.items.last()?.value;
  }

  #leastOf(excessOf: ExcessOf): Tenant<Item> | undefined {
    let [least, smallest] = [this.#turns.peek(), Number.POSITIVE_INFINITY];
    for (const tenant of this.#turns.entries()) {
      const excess = excessOf(tenant.value.name);
      if (least !== undefined && (excess > smallest || (excess === smallest && !this.#isBefore(tenant, least))))
        continue;
      [least, smallest] = [tenant, excess];
    }
    return least;
  }

  #isBefore(a: Tenant<Item>, b: Tenant<Item>): boolean {
    const ahead = this.#tagOf(b) - this.#tagOf(a);
    return ahead > 0 || (ahead === 0 && a.order < b.order);
  }

  #tagOf({ key }: Tenant<Item>): number {
    return Math.max(key, this.#virtualTime);
  }

  /** What it gets of each row that is served as long as it has something waiting. */
  #shareOf(name: string): number {
    const weight = this.#weightOf(name);
    const waits = (this.#tenants.get(name)?.value.items.size ?? 0) > 0;
    return weight / Math.max(weight, this.#weights + (waits ? 0 : weight));
  }

  #load(name: string, moreRows: number): number {
    return ((this.#tenants.get(name)?.value.rows ?? 0) + moreRows) / this.#weightOf(name);
  }

  #welcome(name: string): Tenant<Item> {
    if (this.#tenants.size >= 2 * this.#turns.size + 64) this.#forgetIdle();
    const tenant = new HeapEntry<Waits<Item>>({ name, items: new IndexedHeap<Item>(), rows: 0 }, this.#virtualTime, 0);
    this.#tenants.set(name, tenant);
    return tenant;
  }

  /** An idle tenant whose tag has been passed would start like a new one. */
  #forgetIdle(): void {
    for (const [name, { value, key }] of this.#tenants)
      if (value.items.size === 0 && key <= this.#virtualTime) this.#tenants.delete(name);
  }
}

/** The rows of those that are due by then; some number above `enough` when that is exceeded. */
function rowsUntil(items: IndexedHeap<Waiting>, dueMs: number, enough: number): number {
  let [rows, counted] = [0, 0];
  items.atMost(dueMs, ({ value }) => {
    rows += value.rows;
    counted += 1;
    return rows <= enough && counted < mostCounted;
  });
  if (rows > enough || counted < mostCounted) return rows;
  let [sampled, rowsOfSample] = [0, 0];
  items.sample(mostCounted, ({ key, value }) => {
    sampled += 1;
    if (key <= dueMs) rowsOfSample += value.rows;
  });
  return Math.max(rows, (rowsOfSample * items.size) / sampled);
}
