// What passes between the decision to send a batch and its start, and between its end and the answer: the network, the
// event loops of both ends, the wait behind a batch that has not quite ended. Mean and mean deviation fade as in TCP's
// estimate of the round trip (Jacobson, 1988). A plan leaves room for it before a deadline, twice: what passed on the way
// from the client nobody has measured, nor the way back to it, and they are taken to be as long as those to the replica.

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
    this.#mean = bounds.leastMs / 4;
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
    return Math.min(mostMs, Math.max(leastMs, 2 * (this.#mean + deviations * this.#deviation)));
  }
}
