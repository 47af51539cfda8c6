// Weighted fair shares between the tenants of one priority class: start-time fair queueing (Goyal, Vin, Cheng: "Start-time
// Fair Queueing", 1996). Each tenant has a start tag; the smallest is served next and moves on by rows ÷ weight. Who comes
// back after a pause starts at the tag being served, never below: nobody saves up shares by being silent. Within a tenant
// the order is due time, then arrival.
//
// The same shares say how long a new item will wait (behind its own tenant's items that are due before it, and what the
// others are served meanwhile), and who makes room for it when the queue is full: the tenant that has most for its weight.
import { HeapEntry, IndexedHeap } from './indexed-heap.ts';
import type { Waiting } from './waiting.ts';

interface Waits<Item> {
  readonly name: string;
  readonly items: IndexedHeap<Item>;
  rows: number;
}

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
    // Nobody waits, so nobody is owed or owes anything: all start alike, and may be forgotten.
    if (this.#turns.size === 0) this.#virtualTime = this.#furthest;
  }

  peek(): Item | undefined {
    return this.#turns.peek()?.value.items.peek()?.value;
  }

  take(): Item | undefined {
    const tenant = this.#turns.peek();
    const entry = tenant?.value.items.peek();
    if (tenant === undefined || entry === undefined) return undefined;
    const { rows, tenant: name } = entry.value;
    this.#virtualTime = tenant.key;
    tenant.key += rows / this.#weightOf(name);
    this.#furthest = Math.max(this.#furthest, tenant.key);
    tenant.order = this.#turnsGiven++;
    this.#turns.update(tenant);
    this.remove(entry);
    return entry.value;
  }

  get rows(): number {
    return this.#rows;
  }

  /** At most so many rows are served before an item of this tenant that is due then. */
  rowsBefore(name: string, dueMs: number): number {
    const own = this.#tenants.get(name)?.value.items;
    let before = 0;
    for (const { key, value } of own?.entries() ?? []) if (key <= dueMs) before += value.rows;
    const weight = this.#weightOf(name);
    let weights = own === undefined || own.size === 0 ? weight : 0;
    for (const { value } of this.#turns.entries()) weights += this.#weightOf(value.name);
    return Math.min(this.#rows, (before * weights) / weight);
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
