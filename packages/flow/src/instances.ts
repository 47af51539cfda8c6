// What a scheduler knows of the instances that it sends batches to, and when it rather leaves an item to another one of them.
import { LatencyProfile } from './latency-profile.ts';
import type { Waiting } from './waiting.ts';

/** What a router has of instances that it shares with others; parts are over 0, and at most 1. */
export interface Sharing {
  /** Of all rows that they get these are its own: to keep up with all, batches have to be as large as those of one queue would be. */
  readonly rowsPart: number;
  /** Of their time it gets at least this, when it has more to send than it gets done. */
  readonly timePart: number;
}

/** The instances as they are now. */
export interface Instances {
  /** Of the free instance that would take a batch, or of the fastest when none is free. */
  readonly profile: LatencyProfile;
  /** Nobody is dropped whom the fastest of all could still answer in time. */
  readonly fastest: LatencyProfile;
  /** What passes between the decision and the start, and between the end and the answer. */
  readonly marginMs: number;
  /** All of them, free or not, in units of the one that the profile is of. */
  readonly count: number;
  /** What this queue gets of their time, beside the others that they serve: at most 1, which it is by default. */
  readonly share?: number | undefined;
  /** Other routers send batches to them too. */
  readonly sharing?: Sharing | undefined;
  readonly free: number;
  /** When each is expected to become free, the first one first; asked only when none is. */
  readonly endsMs: () => readonly number[];
}

/** While there are none nothing is known, and none is free. */
export function noInstances(maxRows: number): Instances {
  const profile = new LatencyProfile(maxRows, []);
  return { profile, fastest: profile, marginMs: 0, count: 1, free: 0, endsMs: () => [] };
}

/** Until when an item is left to a faster instance because this one is too slow; in the past when it is not. */
export function leftToFasterMs(
  { deadlineMs, rows }: Pick<Waiting, 'deadlineMs' | 'rows'>,
  nowMs: number,
  instances: Instances,
): number {
  const { profile, fastest, marginMs } = instances;
  if (nowMs + marginMs + profile.plannedMs(rows) <= deadlineMs) return Number.NEGATIVE_INFINITY;
  const tooSlow = nowMs + profile.meanMs(rows) > deadlineMs;
  return deadlineMs - (tooSlow ? fastest.meanMs(rows) : marginMs + fastest.plannedMs(rows));
}
