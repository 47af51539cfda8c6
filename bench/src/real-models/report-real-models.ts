// From the rounds of the real-models bench to its table and verdict.
import type { BenchReport } from '../bench.ts';
import { median, type Repeated, repeated, rounded } from '../statistics.ts';
import type { Table } from '../table.ts';
import type { MeasuredCase, Throughput } from './measured-case.ts';

/** What sending many texts together must be worth, as a multiple of one at a time. */
const leastEmbedRatio = 3;

interface Summary {
  readonly measured: MeasuredCase;
  /** Together ÷ alone, within a round. */
  readonly ratio: Repeated;
}

export function reportRealModels(cases: readonly MeasuredCase[]): BenchReport {
  const summaries = cases.map(
    (measured): Summary => ({
      measured,
      ratio: repeated(measured.rounds.map(({ alone, together }) => rounded(together.perSecond / alone.perSecond))),
    }),
  );
  const embed = summaries[0]?.ratio.median ?? Number.NaN;
  return {
    figures: { cases: summaries.map(({ measured, ratio }) => ({ ...measured, ratio })) },
    tables: [throughputTable(summaries)],
    verdicts: [
      {
        target: `texts embedded per second, 64 requests together ÷ one at a time: at least ${leastEmbedRatio}`,
        measured: embed.toFixed(2),
        met: embed >= leastEmbedRatio,
      },
    ],
    invalid: cases.flatMap(({ name, rounds }) => {
      const failures = rounds.reduce((sum, { alone, together }) => sum + alone.failures + together.failures, 0);
      return failures === 0 ? [] : [`${failures} requests failed: ${name}`];
    }),
  };
}

function throughputTable(summaries: readonly Summary[]): Table {
  const rows = summaries.flatMap(({ measured, ratio: { median: middle, least, most } }) => {
    const { name, unit, together, rounds } = measured;
    const cells = (throughputs: readonly Throughput[]): string[] => [
      `${median(throughputs.map(({ perSecond }) => perSecond)).toFixed(1)} ${unit}/s`,
      median(throughputs.map(({ p50Ms }) => p50Ms)).toFixed(0),
      median(throughputs.map(({ p99Ms }) => p99Ms)).toFixed(0),
    ];
    const ratio = `${middle.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
    return [
      [`${name}, one at a time`, ...cells(rounds.map((round) => round.alone)), ''],
      [`${name}, ${together} together`, ...cells(rounds.map((round) => round.together)), ratio],
    ];
  });
  return {
    title: 'Through the router, medians of the rounds; ratio within a round, median (least–most)',
    columns: ['', 'throughput', 'p50 ms', 'p99 ms', 'together ÷ alone'],
    rows,
  };
}
