// The scheduler in simulated time, against what people put in its place: six models, seven strategies, the same arrivals.
// Nothing here depends on the machine but the last figure, the CPU that one item costs.
import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import { lowLoads, peakLoads, type StrategyFigures, troubles, type WorkloadFigures } from './figures.ts';
import {
  goodput,
  type Latency,
  latency,
  lossAfterStep,
  type Pair,
  shareInTime,
  steady,
  sustainedLoad,
} from './measure.ts';
import { plotSim } from './plot-sim.ts';
import { reportSim } from './report-sim.ts';
import { schedulerCost } from './scheduler-cost.ts';
import { oneGreedy, roundRobin, type Strategy, strategies, weft } from './strategy.ts';
import { nameOf, type Workload, workloads } from './workload.ts';

export const simBench: Bench = {
  name: 'sim',
  about: 'the scheduler in simulated time: load sustained, overload, latency, steps and troubles, against baselines',
  run: runSim,
  plot: plotSim,
};

async function runSim({ progress }: BenchOptions): Promise<BenchReport> {
  const figures: WorkloadFigures[] = [];
  for (const workload of workloads) {
    progress(`${nameOf(workload)} (replicas, s(b) ms, largest batch, deadline ms)`);
    figures.push(measureWorkload(workload));
    // Lets a signal through between two long computations.
    await new Promise(setImmediate);
  }
  progress('the CPU that one item costs');
  return reportSim(figures, schedulerCost());
}

function measureWorkload(workload: Workload): WorkloadFigures {
  const sustainedBy = strategies.map((strategy) => ({ strategy, sustained: sustainedLoad({ workload, strategy }) }));
  const sustainedOf = (name: string): number =>
    sustainedBy.find(({ strategy }) => strategy.name === name)?.sustained ?? Number.NaN;
  const troubledLoad = sustainedOf(roundRobin.name) / 2;
  const measured = sustainedBy.map(({ strategy, sustained }): StrategyFigures => {
    const pair = { workload, strategy };
    return {
      strategy: strategy.name,
      sustained,
      overload: goodput(pair, 3),
      lossAfterStep: lossAfterStep(pair, sustained),
      troubled: underTrouble(pair, troubledLoad),
    };
  });
  const sustained = sustainedOf(weft.name);
  const peak = Math.max(...[sustained, ...peakLoads].map((load) => goodput({ workload, strategy: weft }, load)));
  const at = (strategy: Strategy): Latency[] => lowLoads.map((load) => latency({ workload, strategy }, load));
  const latencies = { weft: at(weft), greedy: at(oneGreedy), roundRobin: at(roundRobin) };
  return { workload, strategies: measured, peak, latencies };
}

function underTrouble(pair: Pair, load: number): Record<string, number> {
  const shares = Object.entries(troubles).map(([name, trouble]): [string, number] => {
    return [name, shareInTime(steady(pair, { load, requests: 20_000, ...trouble }))];
  });
  return Object.fromEntries(shares);
}
