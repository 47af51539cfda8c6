// A binary heap whose entries know where they are, so that any of them can be taken out or moved in O(log n): what waits
// in a queue leaves it not only from the front, but whenever its client gives up. Equal keys keep the order in which they
// were given (`order`), which a plain heap does not.

export class HeapEntry<Value> {
  readonly value: Value;
  key: number;
  order: number;
  /** Where the heap has it; -1 when it is in none. */
  position = -1;

  constructor(value: Value, key: number, order: number) {
    this.value = value;
    this.key = key;
    this.order = order;
  }
}

export class IndexedHeap<Value> {
  readonly #entries: HeapEntry<Value>[] = [];

  get size(): number {
    return this.#entries.length;
  }

  /** The entry with the smallest key, and among those the smallest order. */
  peek(): HeapEntry<Value> | undefined {
    return this.#entries[0];
  }

  /** One of those that leave last: nothing comes after it but what may come after any. */
  last(): HeapEntry<Value> | undefined {
    return this.#entries.at(-1);
  }

  entries(): Iterable<HeapEntry<Value>> {
    return this.#entries;
  }

  /** Visits the entries whose key is at most that, each after those above it, until `visit` returns false. */
  atMost(key: number, visit: (entry: HeapEntry<Value>) => boolean): void {
    const found = [0];
    for (let at = found.pop(); at !== undefined; at = found.pop()) {
      const entry = this.#entries[at];
      if (entry === undefined || entry.key > key) continue;
      if (!visit(entry)) return;
      found.push(2 * at + 2, 2 * at + 1);
    }
  }

  /** The smallest key above that; Infinity when there is none. Looks only at what is below it. */
  firstKeyFrom(key: number): number {
    let first = Number.POSITIVE_INFINITY;
    const found = [0];
    for (let at = found.pop(); at !== undefined; at = found.pop()) {
      const entry = this.#entries[at];
      if (entry === undefined || entry.key >= first) continue;
      if (entry.key >= key) first = entry.key;
      else found.push(2 * at + 2, 2 * at + 1);
    }
    return first;
  }

  /** About every nth entry, in no order, so that at most `most` are visited. */
  sample(most: number, visit: (entry: HeapEntry<Value>) => void): void {
    const entries = this.#entries;
    const step = Math.ceil(entries.length / most);
    for (let at = step >> 1; at < entries.length; at += step) visit(entries[at] as HeapEntry<Value>);
  }

  push(entry: HeapEntry<Value>): void {
    this.#entries.push(entry);
    this.#rise(entry, this.#entries.length - 1);
  }

  /** False when the entry is not here. */
  remove(entry: HeapEntry<Value>): boolean {
    const at = entry.position;
    if (this.#entries[at] !== entry) return false;
    const last = this.#entries.pop();
    entry.position = -1;
    if (last !== undefined && last !== entry) this.#place(last, at);
    return true;
  }

  /** Puts an entry of this heap where its changed key belongs. */
  update(entry: HeapEntry<Value>): void {
    this.#place(entry, entry.position);
  }

  #place(entry: HeapEntry<Value>, at: number): void {
    this.#rise(entry, at);
    if (entry.position === at) this.#sink(entry, at);
  }

  #rise(entry: HeapEntry<Value>, from: number): void {
    let at = from;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = this.#entries[up];
      if (parent === undefined || !before(entry, parent)) break;
      this.#put(parent, at);
      at = up;
    }
    this.#put(entry, at);
  }

  #sink(entry: HeapEntry<Value>, from: number): void {
    let at = from;
    for (;;) {
      let down = 2 * at + 1;
      let child = this.#entries[down];
      const right = this.#entries[down + 1];
      if (child !== undefined && right !== undefined && before(right, child)) {
        child = right;
        down += 1;
      }
      if (child === undefined || !before(child, entry)) break;
      this.#put(child, at);
      at = down;
    }
    this.#put(entry, at);
  }

  #put(entry: HeapEntry<Value>, at: number): void {
    this.#entries[at] = entry;
    entry.position = at;
  }
}

function before(a: HeapEntry<unknown>, b: HeapEntry<unknown>): boolean {
  return a.key < b.key || (a.key === b.key && a.order < b.order);
}
