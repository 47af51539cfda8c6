// When a frame was taken, on this side's clock, by what the sender's clock said. The two clocks never agree, and frames wait on
// their way (in the sender, in each hop, behind a look that blocks the thread). The frame that was fastest shows by how much the
// clocks differ, its own way included: whatever took longer has waited (as one-way delay in RFC 6817, 3.4). Clocks drift apart, so
// only the fastest of the last minute counts.

/** Milliseconds for which a fastest frame counts, twice: the period that runs, and the one before. */
const periodMs = 30_000;

export class SenderClock {
  #current = Number.POSITIVE_INFINITY;
  #previous = Number.POSITIVE_INFINITY;
  #periodEndMs = Number.NEGATIVE_INFINITY;

  /** The instant on this side's clock, never after `arrivedMs`. */
  toOwn(takenMs: number, arrivedMs: number): number {
    if (arrivedMs >= this.#periodEndMs) {
      // After a long pause the period before says nothing either.
      this.#previous = arrivedMs < this.#periodEndMs + periodMs ? this.#current : Number.POSITIVE_INFINITY;
      this.#current = Number.POSITIVE_INFINITY;
      this.#periodEndMs = arrivedMs + periodMs;
    }
    this.#current = Math.min(this.#current, arrivedMs - takenMs);
    return takenMs + Math.min(this.#current, this.#previous);
  }
}
