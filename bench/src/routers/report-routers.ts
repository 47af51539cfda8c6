// From the turns of the routers bench to its figures and verdicts.
import type { BenchReport, Verdict } from '../bench.ts';
import { countingTurns, type MeasuredTurn, missingTurns } from '../goodput/measured-turn.ts';
import { type GoodputPlan, overload } from '../goodput/plan.ts';
import { type Point, summarizePoint } from '../goodput/point.ts';
import type { Contender } from '../goodput/sleeping-mesh.ts';
import { adaptiveModel } from '../goodput/sleeping-model.ts';
import { heavyWorkload, rawCapacity } from '../sim/workload.ts';
import { rounded } from '../statistics.ts';
import type { Table } from '../table.ts';

const [one, even, uneven] = ['one router', 'two, evenly', 'two, 3 to 1'] as const;

/** The addresses of two routers. */
export function contendersOf([first = '', second = '']: readonly string[]): Contender[] {
  const contender = (name: string, addresses: readonly string[]): Contender => ({
    name,
    model: adaptiveModel,
    addresses,
    mostLoad: overload,
  });
  return [contender(one, [first]), contender(even, [first, second]), contender(uneven, [first, first, first, second])];
}

interface Step {
  /** Of the raw capacity. */
  readonly load: number;
  readonly points: readonly Point[];
  /** Goodput ÷ that of one router, of the others. */
  readonly ratios: readonly number[];
}

export function reportRouters(turns: readonly MeasuredTurn[], plan: GoodputPlan): BenchReport {
  const rounds = countingTurns(turns).flatMap((turn) => turn.rounds);
  const pointAt = (name: string, load: number): Point =>
    summarizePoint(
      rounds.filter((round) => round.strategy === name && round.load === load),
      plan.countMs,
    );
  const steps = plan.loads.map((load): Step => {
    const points = [one, even, uneven].map((name) => pointAt(name, load));
    const [alone, ...shared] = points.map(({ goodput }) => goodput.median);
    return { load, points, ratios: shared.map((goodput) => rounded(goodput / (alone ?? Number.NaN), 3)) };
  });
  return {
    figures: { workload: heavyWorkload, plan, turns: turns.length, rawCapacity: rawPerSecond, steps },
    tables: [goodputTable(steps), fateTable(steps)],
    verdicts: [even, uneven].map((name, at) => verdictOf(name, steps, at)),
    invalid: missingTurns(turns, plan.turns),
  };
}

const rawPerSecond = rounded(rawCapacity(heavyWorkload) * 1000);

/** At the load at which it looks worst. */
function verdictOf(name: string, steps: readonly Step[], at: number): Verdict {
  const worst = steps.reduce((least, step) => ((step.ratios[at] ?? 0) < (least.ratios[at] ?? 0) ? step : least));
  const ratio = worst.ratios[at] ?? Number.NaN;
  return {
    target: `in time through ${name} ÷ through one router, at every load: at least 0.9`,
    measured: `${ratio.toFixed(2)} at load ${worst.load}`,
    met: ratio >= 0.9,
  };
}

function goodputTable(steps: readonly Step[]): Table {
  return {
    title: `In time per second, and mean rows of a batch; loads are shares of the raw capacity of ${rawPerSecond} rows/s`,
    columns: ['load', ...[one, even, uneven].flatMap((name) => [name, 'rows']), `${even} ÷ one`, `${uneven} ÷ one`],
    rows: steps.map(({ load, points, ratios }) => [
      String(load),
      ...points.flatMap(({ goodput, meanBatchRows }) => [goodput.median.toFixed(0), meanBatchRows.toFixed(0)]),
      ...ratios.map((ratio) => ratio.toFixed(2)),
    ]),
  };
}

function fateTable(steps: readonly Step[]): Table {
  return {
    title: 'What became of the others, and what the rounds were like',
    columns: ['load', 'through', 'refused', 'dropped', 'late', 'failed', 'p50 ms', 'p99 ms', 'CPU'],
    rows: steps.flatMap(({ load, points }) =>
      points.map(({ strategy, shares: { refused, dropped, late, failed }, p50Ms, p99Ms, cpuShare }) => [
        String(load),
        strategy,
        ...[refused, dropped, late, failed].map(percent),
        ...[p50Ms, p99Ms].map((ms) => ms.toFixed(0)),
        percent(cpuShare.median),
      ]),
    ),
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
