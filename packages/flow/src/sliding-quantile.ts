// Quantiles of durations within the last while: a ring of ten slots, each a histogram whose buckets grow by a tenth, so that
// a quantile is exact to 5 % and the memory is the same however many were recorded.

const slotCount = 10;
const leastMs = 0.1;
const growth = Math.log(1.1);
/** The last bucket begins beyond half an hour. */
const bucketCount = 180;

export class SlidingQuantile {
  readonly #slotMs: number;
  readonly #slots = Array.from({ length: slotCount }, () => new Uint32Array(bucketCount));
  #slot: number | undefined;

  constructor(windowMs: number) {
    this.#slotMs = windowMs / slotCount;
  }

  add(ms: number, nowMs: number): void {
    this.#moveOn(nowMs);
    const bucket = Math.ceil(Math.log(Math.max(ms, leastMs) / leastMs) / growth);
    const slot = this.#slots[(this.#slot ?? 0) % slotCount] as Uint32Array;
    const at = Math.min(bucket, bucketCount - 1);
    slot[at] = (slot[at] as number) + 1;
  }

  /** The duration that a share of what was recorded does not exceed; undefined when nothing was. */
  quantile(share: number, nowMs: number): number | undefined {
    this.#moveOn(nowMs);
    const counts = Array.from({ length: bucketCount }, (_, at) =>
      this.#slots.reduce((sum, slot) => sum + (slot[at] as number), 0),
    );
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return undefined;
    let left = Math.ceil(share * total);
    const bucket = counts.findIndex((count) => (left -= count) <= 0);
    return leastMs * Math.exp(growth * (bucket - 0.5));
  }

  #moveOn(nowMs: number): void {
    const slot = Math.floor(nowMs / this.#slotMs);
    const passed = Math.min(slot - (this.#slot ?? slot), slotCount);
    for (let step = 1; step <= passed; step += 1) this.#slots[(slot - passed + step) % slotCount]?.fill(0);
    this.#slot = Math.max(slot, this.#slot ?? slot);
  }
}
