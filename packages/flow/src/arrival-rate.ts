// How many rows arrive per millisecond: the larger of a slow estimate, which is steady, and a fast one (20 ms), which sees a
// step in load within one deadline. Each is a count of rows that fades exponentially, divided by its time.
//
// The slow one counts over 200 ms, or longer where batches take long: a model that computes one request for half a second
// would take every lone one for a load, and have it wait for company that never comes.
//
// The fast one alone would do so with two lone requests that happen to come together. So it counts only as far as it is
// certain: two standard deviations of a compound Poisson count below its value. Of a count that fades that deviation is
// √(q/2), where q counts the squares of the rows of each request: one of many rows is still one request.

const slowMs = [200, 800, 3200, 12_800, 51_200] as const;
const fastMs = 20;
const deviations = 2;

/** A sum that loses all but 1/e of itself within a time. */
interface Fading {
  readonly overMs: number;
  sum: number;
}

export class ArrivalRate {
  readonly #slow: readonly Fading[] = slowMs.map((overMs) => ({ overMs, sum: 0 }));
  readonly #fast: Fading = { overMs: fastMs, sum: 0 };
  readonly #fastSquares: Fading = { overMs: fastMs, sum: 0 };
  readonly #all: readonly Fading[] = [...this.#slow, this.#fast, this.#fastSquares];
  #updatedMs: number;

  constructor(nowMs: number) {
    this.#updatedMs = nowMs;
  }

  add(rows: number, nowMs: number): void {
    this.#fade(nowMs);
    for (const slow of this.#slow) slow.sum += rows;
    this.#fast.sum += rows;
    this.#fastSquares.sum += rows ** 2;
  }

  /** What arrived within about `leastMs`, or 200 ms, if that is longer. */
  rowsPerMs(nowMs: number, leastMs = 0): number {
    this.#fade(nowMs);
    const slow = this.#slow.find(({ overMs }) => overMs >= leastMs) ?? (this.#slow.at(-1) as Fading);
    const certain = this.#fast.sum - deviations * Math.sqrt(this.#fastSquares.sum / 2);
    return Math.max(slow.sum / slow.overMs, certain / fastMs);
  }

  #fade(nowMs: number): void {
    const passedMs = nowMs - this.#updatedMs;
    if (passedMs <= 0) return;
    for (const one of this.#all) one.sum *= Math.exp(-passedMs / one.overMs);
    this.#updatedMs = nowMs;
  }
}
