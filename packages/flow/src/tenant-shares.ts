// Weighted fair shares between the tenants of one priority class: start-time fair queueing (Goyal, Vin, Cheng: "Start-time
// Fair Queueing", 1996). Each tenant has a start tag; the smallest is served next and moves on by rows ÷ weight. Who comes
// back after a pause starts at the tag being served, never below: nobody saves up shares by being silent. Within a tenant
// the order is due time, then arrival.
import { HeapEntry, IndexedHeap } from './indexed-heap.ts';
import type { Waiting } from './waiting.ts';

/** What it has waiting; the key is its start tag. */
type Tenant<Item> = HeapEntry<IndexedHeap<Item>>;

export class TenantShares<Item extends Waiting> {
  readonly #tenants = new Map<string, Tenant<Item>>();
  readonly #turns = new IndexedHeap<IndexedHeap<Item>>();
  readonly #weightOf: (tenant: string) => number;
  #virtualTime = 0;
  #turnsGiven = 0;
  #size = 0;

  constructor(weightOf: (tenant: string) => number) {
    this.#weightOf = weightOf;
  }

  get size(): number {
    return this.#size;
  }

  /** The returned entry is what `remove` asks for. */
  append(item: Item, order: number): HeapEntry<Item> {
    const tenant = this.#tenants.get(item.tenant) ?? this.#welcome(item.tenant);
    const entry = new HeapEntry(item, item.dueMs, order);
    this.#size += 1;
    tenant.value.push(entry);
    if (tenant.value.size > 1) return entry;
    tenant.key = Math.max(tenant.key, this.#virtualTime);
    tenant.order = this.#turnsGiven++;
    this.#turns.push(tenant);
    return entry;
  }

  remove(entry: HeapEntry<Item>): void {
    const tenant = this.#tenants.get(entry.value.tenant);
    if (tenant?.value.remove(entry) !== true) return;
    this.#size -= 1;
    if (tenant.value.size === 0) this.#turns.remove(tenant);
  }

  peek(): Item | undefined {
    return this.#turns.peek()?.value.peek()?.value;
  }

  take(): Item | undefined {
    const tenant = this.#turns.peek();
    const entry = tenant?.value.peek();
    if (tenant === undefined || entry === undefined) return undefined;
    const { rows, tenant: name } = entry.value;
    this.#virtualTime = tenant.key;
    tenant.key += rows / this.#weightOf(name);
    tenant.order = this.#turnsGiven++;
    this.#turns.update(tenant);
    this.remove(entry);
    return entry.value;
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
