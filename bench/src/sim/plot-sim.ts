// The picture of the simulation: the load that each strategy sustains, for each of the six models.
import { axis, frame, type Plot, plotColors } from '../plots/plot.ts';
import type { WorkloadFigures } from './figures.ts';
import { strategies } from './strategy.ts';
import type { Workload } from './workload.ts';

const colors: Readonly<Record<string, string>> = {
  'round robin': plotColors.vermillion,
  'round robin, delay': '#f0a878',
  P2C: plotColors.purple,
  'P2C, delay': '#e6bcd3',
  'one queue, greedy': plotColors.orange,
  'one queue, deferred': plotColors.green,
  weft: plotColors.blue,
};

/** Of the figures in bench/results/sim.json. */
export function plotSim(figures: unknown): Plot {
  const { workloads } = figures as { workloads: readonly WorkloadFigures[] };
  return {
    alt: 'Load sustained with 99% in time, as a share of the raw capacity: a group of bars for each model, a bar for each strategy.',
    width: 860,
    height: 500,
    option: {
      ...frame('Load sustained with 99% in time, in simulated time'),
      grid: { left: 70, right: 30, top: 52, bottom: 124 },
      xAxis: axis('', {
        type: 'category',
        axisLabel: { interval: 0, lineHeight: 16 },
        splitLine: { show: false },
      }),
      yAxis: axis('load sustained, as a share of the raw capacity', { type: 'value', min: 0, max: 1, nameGap: 44 }),
      dataset: {
        source: workloads.map(({ workload, strategies: measured }) => [
          describe(workload),
          ...strategies.map(({ name }) => measured.find(({ strategy }) => strategy === name)?.sustained ?? '-'),
        ]),
      },
      series: strategies.map(({ name }) => ({
        name,
        type: 'bar',
        barGap: '5%',
        barCategoryGap: '22%',
        itemStyle: { color: colors[name] },
      })),
    },
  };
}

function describe({ replicas, startMs, perRowMs, maxRows, deadlineMs }: Workload): string {
  return `${replicas} replicas\n${startMs} + ${perRowMs}·b ms\nb ≤ ${maxRows}\ndue in ${deadlineMs} ms`;
}
