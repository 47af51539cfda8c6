// What passes between the decision to send a batch and its start, and between its end and the answer: the network, the
// event loops of both ends, the wait behind a batch that has not quite ended. A plan leaves that much room before a
// deadline. Mean and mean deviation fade as in TCP's estimate of the round trip (Jacobson, 1988).

const meanGain = 1 / 8;
const deviationGain = 1 / 4;
const deviations = 2;

export interface OverheadBounds {
  readonly leastMs: number;
  readonly mostMs: number;
}

export class OverheadEstimate {
  readonly #bounds: OverheadBounds;
  #mean: number;
  #deviation = 0;

  constructor(bounds: OverheadBounds) {
    this.#bounds = bounds;
    this.#mean = bounds.leastMs / 2;
  }

  /** One that is far beyond the bound counts as the bound: a replica that hangs says nothing of the way to it. */
  learn(ms: number): void {
    const seen = Math.min(Math.max(ms, 0), this.#bounds.mostMs);
    const error = seen - this.#mean;
    this.#mean += meanGain * error;
    this.#deviation += deviationGain * (Math.abs(error) - this.#deviation);
  }

  /** What to plan with. */
  get marginMs(): number {
    const { leastMs, mostMs } = this.#bounds;
    return Math.min(mostMs, Math.max(leastMs, this.#mean + deviations * this.#deviation));
  }
}
