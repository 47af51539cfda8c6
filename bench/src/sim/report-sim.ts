// The tables and verdicts of the simulation.
import type { BenchReport, Verdict } from '../bench.ts';
import { rounded } from '../statistics.ts';
import type { Table } from '../table.ts';
import { lowLoads, troubles, type WorkloadFigures } from './figures.ts';
import type { Latency } from './measure.ts';
import type { SchedulerCost } from './scheduler-cost.ts';
import { oneGreedy, roundRobin, strategies, weft } from './strategy.ts';
import { nameOf } from './workload.ts';

const first = 'replicas, s(b) ms, largest batch, deadline ms';
const names = strategies.map(({ name }) => name);

export function reportSim(all: readonly WorkloadFigures[], cost: SchedulerCost): BenchReport {
  const byStrategy = (title: string, cell: (figures: WorkloadFigures, name: string) => string): Table => ({
    title,
    columns: [first, ...names],
    rows: all.map((figures) => [nameOf(figures.workload), ...names.map((name) => cell(figures, name))]),
  });
  const tables: Table[] = [
    byStrategy('Load sustained with 99% in time, as a share of the raw capacity', (figures, name) =>
      of(figures, name).sustained.toFixed(2),
    ),
    byStrategy('Answered in time at three times the raw capacity, as a share of it', (figures, name) =>
      of(figures, name).overload.toFixed(2),
    ),
    latencyTable(all),
    byStrategy(
      'Lost in the worst quarter of a second after a step from 10% to 90% of the load that the strategy sustains',
      (figures, name) => percent(of(figures, name).lossAfterStep),
    ),
    ...Object.keys(troubles).map((trouble) =>
      byStrategy(`In time at half of the load that round robin sustains: ${trouble}`, (figures, name) =>
        percent(of(figures, name).troubled[trouble] ?? Number.NaN),
      ),
    ),
  ];
  const figures = {
    workloads: JSON.parse(JSON.stringify(all), roundNumbers) as unknown,
    itemMicros: rounded(cost.itemMicros),
    overloadMicros: rounded(cost.overloadMicros),
  };
  return { figures, tables, verdicts: [...verdicts(all), ...costVerdicts(cost)], invalid: [] };
}

function of({ strategies: measured }: WorkloadFigures, name: string): WorkloadFigures['strategies'][number] {
  const found = measured.find(({ strategy }) => strategy === name);
  if (found === undefined) throw new Error(`no figures of ${name}`);
  return found;
}

function latencyTable(all: readonly WorkloadFigures[]): Table {
  const cell = ({ p50, p99 }: Latency): string => `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
  const kinds = [
    ['weft', 'weft'],
    ['greedy', oneGreedy.name],
    ['roundRobin', roundRobin.name],
  ] as const;
  return {
    title: 'p50 / p99 in ms at low load',
    columns: [first, ...lowLoads.flatMap((load) => kinds.map(([, name]) => `${name}, ${100 * load}%`))],
    rows: all.map(({ workload, latencies }) => [
      nameOf(workload),
      ...lowLoads.flatMap((_, at) => kinds.map(([kind]) => cell(latencies[kind][at] as Latency))),
    ]),
  };
}

function verdicts(all: readonly WorkloadFigures[]): Verdict[] {
  const ratios = (name: string): number[] => all.map((one) => of(one, weft.name).sustained / of(one, name).sustained);
  const [toRoundRobin, toGreedy] = [ratios(roundRobin.name), ratios(oneGreedy.name)];
  const least = Math.min(...toRoundRobin, ...toGreedy);
  const overload = Math.min(...all.map((one) => of(one, weft.name).overload / one.peak));
  const waits = all.flatMap(({ latencies }) =>
    [0, 1].flatMap((at) => {
      const [own, greedy] = [latencies.weft[at] as Latency, latencies.greedy[at] as Latency];
      return [own.p50 / greedy.p50, own.p99 / greedy.p99];
    }),
  );
  const loss = Math.max(...all.map((one) => of(one, weft.name).lossAfterStep));
  const [averageOne, averageTwo] = [mean(toRoundRobin), mean(toGreedy)];
  return [
    atLeast('load sustained ÷ that of round robin, on average', averageOne, 1.4),
    atLeast('load sustained ÷ that of one greedy queue, on average', averageTwo, 1.1),
    atLeast('load sustained ÷ that of either, where it is smallest', least, 0.98),
    atLeast('in time at three times the raw capacity ÷ its own peak, where it is smallest', overload, 0.9),
    atMost('p50 and p99 at 2% and 10% load ÷ those of one greedy queue', Math.max(...waits), 1.1),
    {
      target: 'lost in any quarter of a second after the step: at most 1%',
      measured: percent(loss),
      met: loss <= 0.01,
    },
  ];
}

function costVerdicts({ itemMicros, overloadMicros }: SchedulerCost): Verdict[] {
  const under5 = (what: string, micros: number): Verdict => {
    return { target: `${what}: under 5 µs`, measured: `${micros.toFixed(2)} µs`, met: micros < 5 };
  };
  return [
    under5('CPU for one item while 10,000 wait', itemMicros),
    under5('CPU for one that arrives then, three times as many as can be served', overloadMicros),
  ];
}

function atLeast(what: string, ratio: number, least: number): Verdict {
  return { target: `${what}: at least ${least}`, measured: ratio.toFixed(3), met: ratio >= least };
}

function atMost(what: string, ratio: number, most: number): Verdict {
  return { target: `${what}: at most ${most}`, measured: ratio.toFixed(3), met: ratio <= most };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function roundNumbers(_: string, value: unknown): unknown {
  return typeof value === 'number' ? rounded(value) : value;
}
