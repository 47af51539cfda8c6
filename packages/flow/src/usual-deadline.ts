// How much time the requests of one queue usually have, and what that makes of the sizes of batches: an efficient one takes
// three quarters of it and leaves the rest for waiting; one that takes more than nine tenths leaves nobody the time to wait.
import type { LatencyProfile } from './latency-profile.ts';

const efficientShare = 0.75;
const generousShare = 0.9;
/** How far the usual deadline moves with each new one. */
const gain = 0.02;

export class UsualDeadline {
  #ms: number | undefined;

  learn(remainingMs: number): void {
    const usual = this.#ms ?? remainingMs;
    this.#ms = usual + gain * (remainingMs - usual);
  }

  /** Rows of an efficient batch; 0 when not even one row leaves enough time. */
  efficientRows(profile: LatencyProfile): number {
    return this.#rowsWithin(efficientShare, profile);
  }

  /** Rows of the largest batch that is worth waiting behind. */
  largestRows(profile: LatencyProfile): number {
    return this.#rowsWithin(generousShare, profile);
  }

  #rowsWithin(share: number, profile: LatencyProfile): number {
    return this.#ms === undefined ? profile.maxRows : profile.mostRowsWithin(share * this.#ms);
  }
}
