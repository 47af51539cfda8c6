// How much time the requests of one queue usually have, and what that makes of the sizes of batches: an efficient one takes
// three quarters of it and leaves the rest for waiting; one that takes more than nine tenths leaves nobody the time to wait.
// Each priority class has its own, for those of another one say nothing of how long its requests can wait.
import type { LatencyProfile } from './latency-profile.ts';

const efficientShare = 0.75;
const generousShare = 0.9;
/** How far the usual deadline moves with each new one. */
const gain = 0.02;

export class UsualDeadline {
  #ms: number | undefined;
  readonly #ofClass = new Map<number, number>();

  learn(remainingMs: number, priority: number): void {
    this.#ms = moved(this.#ms, remainingMs);
    this.#ofClass.set(priority, moved(this.#ofClass.get(priority), remainingMs));
  }

  /** Rows of an efficient batch, of one class or of all; 0 when not even one row leaves enough time. */
  efficientRows(profile: LatencyProfile, priority?: number): number {
    return rowsWithin(efficientShare, profile, this.#of(priority));
  }

  /** Rows of the largest batch that is worth waiting behind. */
  largestRows(profile: LatencyProfile, priority?: number): number {
    return rowsWithin(generousShare, profile, this.#of(priority));
  }

  #of(priority: number | undefined): number | undefined {
    return (priority === undefined ? undefined : this.#ofClass.get(priority)) ?? this.#ms;
  }
}

function moved(usualMs: number | undefined, remainingMs: number): number {
  return usualMs === undefined ? remainingMs : usualMs + gain * (remainingMs - usualMs);
}

function rowsWithin(share: number, profile: LatencyProfile, usualMs: number | undefined): number {
  return usualMs === undefined ? profile.maxRows : profile.mostRowsWithin(share * usualMs);
}
