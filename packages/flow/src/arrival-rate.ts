// How many rows arrive per millisecond: the larger of a slow estimate (200 ms), which is steady, and a fast one (20 ms),
// which sees a step in load within one deadline. Each is a count of rows that fades exponentially, divided by its time.
//
// The fast one alone would take two lone requests that happen to come together for a step, and have the next one wait for
// company that never comes. So it counts only as far as it is certain: two standard deviations of a Poisson count
// below its value. Of a fading count c that deviation is √(c/2).

const slowMs = 200;
const fastMs = 20;
const deviations = 2;

export class ArrivalRate {
  #slow = 0;
  #fast = 0;
  #updatedMs: number;
  readonly #startedMs: number;

  constructor(nowMs: number) {
    this.#updatedMs = nowMs;
    this.#startedMs = nowMs;
  }

  add(rows: number, nowMs: number): void {
    this.#fade(nowMs);
    this.#slow += rows;
    this.#fast += rows;
  }

  rowsPerMs(nowMs: number): number {
    this.#fade(nowMs);
    // In the first moments the count covers less time than it stands for.
    const covered = slowMs * (1 - Math.exp(-(nowMs - this.#startedMs) / slowMs));
    const slow = this.#slow / Math.max(covered, fastMs);
    const certain = this.#fast - deviations * Math.sqrt(this.#fast / 2);
    return Math.max(slow, certain / fastMs);
  }

  #fade(nowMs: number): void {
    const passedMs = nowMs - this.#updatedMs;
    if (passedMs <= 0) return;
    this.#slow *= Math.exp(-passedMs / slowMs);
    this.#fast *= Math.exp(-passedMs / fastMs);
    this.#updatedMs = nowMs;
  }
}
