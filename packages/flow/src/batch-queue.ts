// What waits for one model version, first come first served. A batch is the head and whatever behind it goes to the same
// method, as much as rows and bytes allow: greedy, nothing waits for a batch to fill. Whoever gave up leaves at once.

export interface Queued {
  /** Only items of one kind share a batch. */
  readonly kind: string;
  readonly rows: number;
  readonly byteSize: number;
  /** An instant of the queue's clock; Infinity without a deadline. */
  readonly deadlineMs: number;
}

export interface BatchLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

export class BatchQueue<Item extends Queued> {
  // A Set keeps the order of insertion and forgets any item in constant time.
  #items = new Set<Item>();
  #rows = 0;
  #bytes = 0;

  get size(): number {
    return this.#items.size;
  }

  get rows(): number {
    return this.#rows;
  }

  get byteSize(): number {
    return this.#bytes;
  }

  append(item: Item): void {
    this.#items.add(item);
    this.#rows += item.rows;
    this.#bytes += item.byteSize;
  }

  /** Puts items back before all others, in their order: they have waited already. */
  putBack(items: readonly Item[]): void {
    const behind = this.#items;
    this.#items = new Set();
    for (const item of items) this.append(item);
    for (const item of behind) this.#items.add(item);
  }

  /** Takes one item out; false when it is not here. */
  remove(item: Item): boolean {
    if (!this.#items.delete(item)) return false;
    this.#rows -= item.rows;
    this.#bytes -= item.byteSize;
    return true;
  }

  /** Takes out the next batch: at least the head, however big, and no more than the limits beyond it. Empty when nothing waits. */
  nextBatch(limits: BatchLimits): Item[] {
    const batch: Item[] = [];
    let rows = 0;
    let bytes = 0;
    for (const item of this.#items) {
      const head = batch[0];
      if (head !== undefined) {
        if (rows + item.rows > limits.maxRows || bytes + item.byteSize > limits.maxBytes) break;
        if (item.kind !== head.kind) continue;
      }
      rows += item.rows;
      bytes += item.byteSize;
      batch.push(item);
      if (rows >= limits.maxRows) break;
    }
    for (const item of batch) this.remove(item);
    return batch;
  }

  /** Takes out what has reached its deadline. */
  takeExpired(nowMs: number): Item[] {
    const expired = [...this.#items].filter((item) => item.deadlineMs <= nowMs);
    for (const item of expired) this.remove(item);
    return expired;
  }

  takeAll(): Item[] {
    const all = [...this.#items];
    this.#items.clear();
    this.#rows = 0;
    this.#bytes = 0;
    return all;
  }

  /** The earliest deadline; Infinity when none waits. Looks at every item. */
  earliestDeadlineMs(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const item of this.#items) if (item.deadlineMs < earliest) earliest = item.deadlineMs;
    return earliest;
  }
}
