// What a plan knows of a model, wherever it was measured.
import type { BatchTime } from './batch-curve.ts';

export interface ModelProfile {
  readonly model: string;
  /** Empty where the profile is of no certain one. */
  readonly version: string;
  /** Full path; empty where the profile does not say. */
  readonly method: string;
  /** Where it is from, for people. */
  readonly source: string;
  readonly maxRows: number;
  /** Of each replica; each runs one batch at a time. */
  readonly instances: number;
  /** At least one. */
  readonly times: readonly BatchTime[];
  /** How far a batch's time lies from the usual one on average, as a share of it. */
  readonly deviation: number;
  /** What the scheduler leaves of a deadline for the way to a replica and back, ms. */
  readonly marginMs: number;
}

/** Where nobody has measured it. */
export const usualDeviation = 0.025;
/** The least that a router ever leaves. */
export const leastMarginMs = 2;
