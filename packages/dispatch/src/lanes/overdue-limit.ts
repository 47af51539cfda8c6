// How long a batch may take before its replica is taken for hung: many times longer than planned, or than the slowest answer
// that its method has had lately, whichever is more. What requests of one method cost varies by more than the mean tells: a
// page of forty lines takes ten times longer than one of six, and both have one row.
//
// What was slow is forgotten by half in a minute. An answer that came after its limit counts as that limit: one pause must
// not blind us for long, and answers that go on being slow raise the limit eightfold each time.

/** How many times longer than that, and at least so long: longer while nobody has measured batches of such a size. */
const factor = 8;
const floorMs = 2000;
const unknownFloorMs = 10_000;
const halfLifeMs = 60_000;

export interface Planned {
  readonly expectedMs: number;
  /** The expectation is more than a guess. */
  readonly known: boolean;
  /** What passes on the way. */
  readonly marginMs: number;
}

/** Of one method. */
export class OverdueLimit {
  #slowestMs = 0;
  #learnedMs = 0;

  limitMs({ expectedMs, known, marginMs }: Planned, nowMs: number): number {
    const slowestMs = Math.max(expectedMs, this.#slowest(nowMs));
    return Math.max(known ? floorMs : unknownFloorMs, factor * slowestMs + marginMs);
  }

  /** An answer took so long to compute, of a batch that had been given `limitMs`. */
  learn(computeMs: number, limitMs: number, nowMs: number): void {
    this.#slowestMs = Math.max(this.#slowest(nowMs), Math.min(computeMs, limitMs));
    this.#learnedMs = nowMs;
  }

  #slowest(nowMs: number): number {
    return this.#slowestMs * 2 ** ((this.#learnedMs - nowMs) / halfLifeMs);
  }
}

/** What may hang again elsewhere keeps the next one waiting for at least so long. */
export const leastOverdueMs = floorMs;
