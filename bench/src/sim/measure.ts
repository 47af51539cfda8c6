// The figures of the simulation: what a strategy sustains, what it answers in time under overload, how long it makes
// clients wait, and what a step in load costs.
import { inTime, type Scenario, type SimRequest, simulate } from '@weft/flow/simulation';
import { quantile } from '../statistics.ts';
import type { Strategy } from './strategy.ts';
import { rawCapacity, serviceMs, type Workload } from './workload.ts';

const warmUpMs = 500;
/** Whoever answers this share in time sustains the load. */
const sustainedShare = 0.99;
const searchSteps = 7;
const searchBetween = [0.25, 1.05] as const;

export interface Pair {
  readonly workload: Workload;
  readonly strategy: Strategy;
}

export type Trouble = Pick<Scenario, 'noise' | 'slowness' | 'pause'>;

/** The share of `requests` that was answered in time. */
export function shareInTime(requests: readonly SimRequest[]): number {
  return requests.filter(inTime).length / requests.length;
}

export interface SteadyRun extends Trouble {
  readonly load: number;
  readonly requests: number;
  readonly seed?: number;
}

/** A run at one load, until about so many requests have been counted. */
export function steady(pair: Pair, { load, requests, seed = 1, ...trouble }: SteadyRun): readonly SimRequest[] {
  const requestsPerMs = load * rawCapacity(pair.workload);
  const durationMs = warmUpMs + requests / requestsPerMs;
  const run = { requestsPerMs: () => requestsPerMs, durationMs, countFromMs: warmUpMs, seed };
  return simulate({ ...scenarioOf(pair), ...trouble, ...run }).requests;
}

function scenarioOf({ workload, strategy }: Pair): Pick<Scenario, 'model' | 'policy' | 'placement'> {
  const { replicas, maxRows, deadlineMs } = workload;
  return {
    model: { replicas, maxRows, deadlineMs, batchMs: (rows) => serviceMs(workload, rows) },
    policy: strategy.policyFor(workload),
    placement: strategy.placement,
  };
}

/** The highest load, as a share of the raw capacity, at which 99% are answered in time, to within 0.007. */
export function sustainedLoad(pair: Pair): number {
  let [holds, fails] = searchBetween as readonly [number, number];
  for (let step = 0; step < searchSteps; step += 1) {
    const load = (holds + fails) / 2;
    if (shareInTime(steady(pair, { load, requests: 20_000 })) >= sustainedShare) holds = load;
    else fails = load;
  }
  return holds;
}

/** What is answered in time, as a share of the raw capacity. */
export function goodput(pair: Pair, load: number): number {
  return load * shareInTime(steady(pair, { load, requests: 30_000 }));
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** From arrival to answer, ms, over two runs; who is dropped counts as never answered. */
export function latency(pair: Pair, load: number): Latency {
  const runs = [1, 2].flatMap((seed) => steady(pair, { load, requests: 10_000, seed }));
  const waits = runs.map(({ answeredMs, arrivedMs }) => {
    return Number.isNaN(answeredMs) ? Number.MAX_VALUE : answeredMs - arrivedMs;
  });
  return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
}

const stepAtMs = 1000;
const windowMs = 250;
const windows = 6;
const requestsOfAllRuns = 60_000;
const mostRuns = 20;

/**
 * The load steps from 10% to 90% of `sustained` at once. The largest share that is lost of what arrives within a quarter of
 * a second, of the six that follow the step, each taken over 2 to 20
 * runs, more where fewer requests arrive.
 */
export function lossAfterStep(pair: Pair, sustained: number): number {
  const lost = new Array<number>(windows).fill(0);
  const arrived = new Array<number>(windows).fill(0);
  const requestsOfOne = 0.9 * sustained * rawCapacity(pair.workload) * windows * windowMs;
  const runs = Math.min(mostRuns, Math.max(2, Math.ceil(requestsOfAllRuns / requestsOfOne)));
  for (let seed = 1; seed <= runs; seed += 1) {
    const raw = rawCapacity(pair.workload);
    const { requests } = simulate({
      ...scenarioOf(pair),
      requestsPerMs: (nowMs) => (nowMs < stepAtMs ? 0.1 : 0.9) * sustained * raw,
      durationMs: stepAtMs + windows * windowMs,
      countFromMs: stepAtMs,
      seed,
    });
    for (const request of requests) {
      const window = Math.floor((request.arrivedMs - stepAtMs) / windowMs);
      arrived[window] = (arrived[window] ?? 0) + 1;
      if (!inTime(request)) lost[window] = (lost[window] ?? 0) + 1;
    }
  }
  return Math.max(...lost.map((count, at) => count / (arrived[at] as number)));
}
