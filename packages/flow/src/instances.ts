// What a scheduler knows of the instances that it sends batches to, and when it rather leaves an item to another one of them.
import { LatencyProfile } from './latency-profile.ts';
import type { Waiting } from './waiting.ts';

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
