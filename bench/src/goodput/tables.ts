// The tables of the goodput bench.
import { median } from '../statistics.ts';
import type { Table } from '../table.ts';
import { type GoodputFigures, pointAt, requirePoint, type StrategyFigures } from './figures.ts';
import { mostCpuShare } from './measured-turn.ts';
import { lowLoad, overload } from './plan.ts';
import type { Point } from './point.ts';

/** What counts, a row for each strategy. */
export function strategyTable({ strategies, rawCapacity }: GoodputFigures): Table {
  const row = (figures: StrategyFigures): string[] => {
    const [low, over] = [requirePoint(figures, lowLoad), pointAt(figures, overload)];
    return [
      figures.strategy,
      figures.sustained.toFixed(2),
      figures.peak.toFixed(0),
      low.p50Ms.toFixed(0),
      low.p99Ms.toFixed(0),
      ...overloadCells(over),
    ];
  };
  return {
    title: `In time: the load sustained, the peak, latency at ${lowLoad}, and ${overload} times the raw capacity of ${rawCapacity.toFixed(0)} rows/s`,
    columns: [
      '',
      'sustained',
      'peak/s',
      `p50 ms at ${lowLoad}`,
      `p99 ms at ${lowLoad}`,
      `in time/s at ${overload}`,
      'refused',
      'dropped',
      'late',
      'failed',
      'rejection p50 ms',
      'p99 ms',
    ],
    rows: strategies.map(row),
  };
}

function overloadCells(over: Point | undefined): string[] {
  if (over === undefined) return ['–', '–', '–', '–', '–', '–', '–'];
  const { goodput, shares, rejections } = over;
  const { refused, dropped, late, failed } = shares;
  return [
    goodput.median.toFixed(0),
    ...[refused, dropped, late, failed].map(percent),
    rejections?.p50Ms.toFixed(0) ?? '–',
    rejections?.p99Ms.toFixed(0) ?? '–',
  ];
}

/** Each load, with what every strategy makes of it. */
export function ladderTable({ strategies, rawCapacity }: GoodputFigures): Table {
  const cell = (point: Point | undefined): string[] =>
    point === undefined
      ? ['–', '–', '–']
      : [percent(point.shares.inTime), point.goodput.median.toFixed(0), point.meanBatchRows.toFixed(0)];
  const loads = strategies[0]?.ladder.map(({ load }) => load) ?? [];
  return {
    title: 'At each load: in time, in time per second, and mean rows of a batch',
    columns: ['load', 'offered/s', ...strategies.flatMap(({ strategy }) => [strategy, '/s', 'rows'])],
    rows: loads.map((load) => [
      String(load),
      (load * rawCapacity).toFixed(0),
      ...strategies.flatMap((figures) => cell(pointAt(figures, load))),
    ]),
  };
}

/** What the rounds were like: whether their figures can be believed. */
export function roundTable({ strategies }: GoodputFigures): Table {
  const loads = strategies[0]?.ladder.map(({ load }) => load) ?? [];
  return {
    title: `The rounds: CPU of the whole machine (at most ${100 * mostCpuShare} %), how late the client sent (p99), and how much longer than s(b) batches took`,
    columns: [
      'load',
      'rounds',
      ...strategies.map(({ strategy }) => `CPU, ${strategy}`),
      'most',
      'late ms',
      'most',
      'batch p50',
      'p99',
    ],
    rows: loads.map((load) => {
      const all = strategies.map((figures) => pointAt(figures, load));
      const points = all.filter((point) => point !== undefined);
      const [cpu, late] = [points.map(({ cpuShare }) => cpuShare), points.map(({ clientLateMs }) => clientLateMs)];
      return [
        String(load),
        String(points.reduce((sum, { rounds }) => sum + rounds, 0)),
        ...all.map((point) => (point === undefined ? '–' : percent(point.cpuShare.median))),
        percent(Math.max(...cpu.map(({ most }) => most))),
        Math.max(...late.map((ms) => ms.median)).toFixed(1),
        Math.max(...late.map(({ most }) => most)).toFixed(1),
        percent(median(points.map(({ overrun }) => overrun.p50))),
        percent(median(points.map(({ overrun }) => overrun.p99))),
      ];
    }),
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
