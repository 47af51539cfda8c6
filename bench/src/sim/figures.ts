// What the simulation measures, and under which troubles.
import type { Latency, Trouble } from './measure.ts';
import type { Workload } from './workload.ts';

export const lowLoads: readonly number[] = [0.02, 0.1, 0.3];
export const peakLoads: readonly number[] = [0.9, 1, 1.25, 1.5];

/** What goes wrong with the replicas, at half of the load that round robin sustains without: the same for all. */
export const troubles: Readonly<Record<string, Trouble>> = {
  'times within ±20%': { noise: 0.2 },
  'times that double and recover, every 4 s': {
    slowness: (nowMs) => 1.5 - 0.5 * Math.cos((2 * Math.PI * nowMs) / 4000),
  },
  'a replica that pauses for 200 ms, every 2 s': { pause: { everyMs: 2000, ms: 200 } },
};

export interface StrategyFigures {
  readonly strategy: string;
  readonly sustained: number;
  /** Answered in time at three times the raw capacity, as a share of the raw capacity. */
  readonly overload: number;
  readonly lossAfterStep: number;
  /** The share in time under each trouble. */
  readonly troubled: Readonly<Record<string, number>>;
}

export interface WorkloadFigures {
  readonly workload: Workload;
  readonly strategies: readonly StrategyFigures[];
  /** The most that weft answers in time at any load. */
  readonly peak: number;
  /** At each low load. */
  readonly latencies: Readonly<Record<'weft' | 'greedy' | 'roundRobin', readonly Latency[]>>;
}
