// How often something happened within the last while: a ring of ten slots, the oldest of which is forgotten as the newest
// begins. Counts are whole and exact, the window is so to a tenth; an event costs the same however many came before it.

const slotCount = 10;

export class SlidingCount {
  readonly #slotMs: number;
  readonly #slots = new Array<number>(slotCount).fill(0);
  /** The slot that `nowMs` of the last call fell into, counted from the clock's zero: rings of one window move together. */
  #slot = 0;
  #total = 0;

  constructor(windowMs: number) {
    this.#slotMs = windowMs / slotCount;
  }

  add(nowMs: number): void {
    this.#moveOn(nowMs);
    const at = this.#slot % slotCount;
    this.#slots[at] = (this.#slots[at] ?? 0) + 1;
    this.#total += 1;
  }

  total(nowMs: number): number {
    this.#moveOn(nowMs);
    return this.#total;
  }

  #moveOn(nowMs: number): void {
    const slot = Math.floor(nowMs / this.#slotMs);
    const passed = Math.min(slot - this.#slot, slotCount);
    for (let step = 1; step <= passed; step += 1) {
      const at = (slot - passed + step) % slotCount;
      this.#total -= this.#slots[at] ?? 0;
      this.#slots[at] = 0;
    }
    // A clock never goes back; if two callers' instants cross by a little, the newest slot takes both.
    this.#slot = Math.max(slot, this.#slot);
  }
}
