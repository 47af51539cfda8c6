// From the rounds of the overhead bench to its tables and verdicts.
import type { BenchReport, Verdict } from '../bench.ts';
import { median, type Repeated, repeated, rounded } from '../statistics.ts';
import type { Table } from '../table.ts';
import type { Measure } from './measure-target.ts';
import type { MeasuredShape, Rounds } from './rounds.ts';

/** The router's CPU for a forwarded call, as a multiple of the echo's for a call. */
const mostRouterRatio = 2;
const ratioConcurrency = 64;

const targetLabels: Readonly<Record<string, string>> = {
  echo: 'bare grpc-js echo',
  service: 'service, directly',
  router: 'through the router',
};

/** A target that was called less often before the measurement still compiles during it. */
const leastWarmUpCalls = 5_000;

export interface MeasuredOverhead {
  readonly payloadBytes: number;
  /** Calls of each target before the measurement. */
  readonly warmedUp: readonly number[];
  readonly shapes: readonly MeasuredShape[];
}

export function reportOverhead({ payloadBytes, warmedUp, shapes }: MeasuredOverhead): BenchReport {
  const summaries = shapes.map((shape) => ({ concurrency: shape.concurrency, ...summarize(shape.targets) }));
  const failed = shapes.flatMap(({ concurrency, targets }) =>
    Object.entries(targets).flatMap(([name, measures]) => {
      const failures = measures.reduce((sum, measure) => sum + measure.failures, 0);
      return failures === 0 ? [] : [`${failures} calls of ${name} failed at concurrency ${concurrency}`];
    }),
  );
  const cold = warmedUp.some((calls) => calls < leastWarmUpCalls);
  return {
    figures: { payloadBytes, warmedUp, summaries, shapes },
    tables: [...shapes.map(tableOf), ratioTable(summaries)],
    verdicts: summaries.filter(({ concurrency }) => concurrency === ratioConcurrency).map(verdictOf),
    invalid: cold ? [...failed, `the warm-up took too long: ${warmedUp.join(', ')} calls`] : failed,
  };
}

interface Summary {
  readonly concurrency: number;
  /** Router's CPU of a call through it, as a multiple of the echo's. */
  readonly routerRatio: Repeated;
  /** CPU of the service for a call, behind the router and called directly, as multiples of the echo's. */
  readonly serviceBehindRouterRatio: Repeated;
  readonly serviceDirectRatio: Repeated;
  /** Median latency that the router adds to the service's. */
  readonly addedMs: Repeated;
}

function summarize(targets: Rounds): Omit<Summary, 'concurrency'> {
  const { echo = [], service = [], router = [] } = targets;
  const perRound = (figure: (round: { echo: Measure; service: Measure; router: Measure }) => number): Repeated =>
    repeated(
      echo.map((each, at) =>
        rounded(figure({ echo: each, service: service[at] as Measure, router: router[at] as Measure })),
      ),
    );
  const cpu = (measure: Measure, of: string): number => measure.cpuUs[of] ?? Number.NaN;
  return {
    routerRatio: perRound((round) => cpu(round.router, 'router') / cpu(round.echo, 'echo')),
    serviceBehindRouterRatio: perRound((round) => cpu(round.router, 'service') / cpu(round.echo, 'echo')),
    serviceDirectRatio: perRound((round) => cpu(round.service, 'service') / cpu(round.echo, 'echo')),
    addedMs: perRound((round) => round.router.p50Ms - round.service.p50Ms),
  };
}

function tableOf({ concurrency, rounds, targets }: MeasuredShape): Table {
  const processes = ['client', 'echo', 'router', 'service'];
  const rows = Object.entries(targets).map(([name, measures]) => {
    const of = (figure: (measure: Measure) => number | undefined): number =>
      median(measures.map((measure) => figure(measure) ?? Number.NaN));
    const costs = processes.map((process) => of((measure) => measure.cpuUs[process]));
    return [
      targetLabels[name] ?? name,
      of((measure) => measure.callsPerSecond).toFixed(0),
      of((measure) => measure.p50Ms).toFixed(2),
      of((measure) => measure.p99Ms).toFixed(2),
      ...costs.map((cost) => (Number.isNaN(cost) ? '–' : cost.toFixed(0))),
    ];
  });
  return {
    title: `Concurrency ${concurrency}, medians of ${rounds} rounds; CPU in µs for one call of each process`,
    columns: ['', 'calls/s', 'p50 ms', 'p99 ms', ...processes.map((process) => `${process} µs`)],
    rows,
  };
}

function ratioTable(summaries: readonly Summary[]): Table {
  const spread = ({ median: middle, least, most }: Repeated): string =>
    `${middle.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
  return {
    title: 'Within a round, median (least–most)',
    columns: ['', ...summaries.map(({ concurrency }) => `concurrency ${concurrency}`)],
    rows: [
      ['router CPU ÷ echo CPU', ...summaries.map((summary) => spread(summary.routerRatio))],
      [
        'service CPU behind the router ÷ echo CPU',
        ...summaries.map((summary) => spread(summary.serviceBehindRouterRatio)),
      ],
      ['service CPU called directly ÷ echo CPU', ...summaries.map((summary) => spread(summary.serviceDirectRatio))],
      ['p50 that the router adds to the service, ms', ...summaries.map((summary) => spread(summary.addedMs))],
    ],
  };
}

function verdictOf({ concurrency, routerRatio }: Summary): Verdict {
  return {
    target: `router CPU for a forwarded call at concurrency ${concurrency}: at most ${mostRouterRatio} × the bare echo's`,
    measured: `${routerRatio.median.toFixed(2)} ×`,
    met: routerRatio.median <= mostRouterRatio,
  };
}
