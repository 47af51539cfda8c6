// Weighted fair shares between the tenants of one priority class: start-time fair queueing (Goyal, Vin, Cheng: "Start-time
// Fair Queueing", 1996). Each tenant has a start tag; the smallest is served next and moves on by rows ÷ weight. Who comes
// back after a pause starts at the tag being served, never below: nobody saves up shares by being silent. Within a tenant
// the order is due time, then arrival.
import { HeapEntry, IndexedHeap } from './indexed-heap.ts';
import type { Waiting } from './fair-queue.ts';

/** What it has waiting; the key is its start tag. */
type Tenant<Item> = HeapEntry<IndexedHeap<Item>>;

export class TenantShares<Item extends Waiting> {
  readonly #tenants = new Map<string, Tenant<Item>>();
  readonly #turns = new IndexedHeap<IndexedHeap<Item>>();
  readonly #entries = new Map<Item, HeapEntry<Item>>();
  readonly #weightOf: (tenant: string) => number;
  #virtualTime = 0;
  #turnsGiven = 0;

  constructor(weightOf: (tenant: string) => number) {
    this.#weightOf = weightOf;
  }

  get size(): number {
    return this.#entries.size;
  }

  append(item: Item, order: number): void {
    const tenant = this.#tenants.get(item.tenant) ?? this.#welcome(item.tenant);
    const entry = new HeapEntry(item, item.dueMs, order);
    this.#entries.set(item, entry);
    tenant.value.push(entry);
    if (tenant.value.size > 1) return;
    tenant.key = Math.max(tenant.key, this.#virtualTime);
    tenant.order = this.#turnsGiven++;
    this.#turns.push(tenant);
  }

  remove(item: Item): void {
    const entry = this.#entries.get(item);
    const tenant = this.#tenants.get(item.tenant);
    if (entry === undefined || tenant === undefined) return;
    this.#entries.delete(item);
    tenant.value.remove(entry);
    if (tenant.value.size === 0) this.#turns.remove(tenant);
  }

  peek(): Item | undefined {
    return this.#turns.peek()?.value.peek()?.value;
  }

  take(): Item | undefined {
    const tenant = this.#turns.peek();
    const item = tenant?.value.peek()?.value;
    if (tenant === undefined || item === undefined) return undefined;
    this.#virtualTime = tenant.key;
    tenant.key += item.rows / this.#weightOf(item.tenant);
    tenant.order = this.#turnsGiven++;
    this.#turns.update(tenant);
    this.remove(item);
    return item;
  }

  #welcome(name: string): Tenant<Item> {
    if (this.#tenants.size >= 2 * this.#turns.size + 64) this.#forgetIdle();
    const tenant = new HeapEntry(new IndexedHeap<Item>(), this.#virtualTime, 0);
    this.#tenants.set(name, tenant);
    return tenant;
  }

  /** An idle tenant whose tag has been passed would start like a new one. */
  #forgetIdle(): void {
    for (const [name, { value, key }] of this.#tenants)
      if (value.size === 0 && key <= this.#virtualTime) this.#tenants.delete(name);
  }
}
