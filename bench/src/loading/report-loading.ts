// From the calls that met a load, and those that met none, to the figures of the loading bench.
import type { BenchReport } from '../bench.ts';
import { quantile, rounded } from '../statistics.ts';
import type { SteadyCall } from './steady-calls.ts';

export interface LoadWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface MeasuredLoading {
  /** While nothing was loaded. */
  readonly quiet: readonly SteadyCall[];
  /** Of the turns with loads; those count that met one. */
  readonly loading: readonly SteadyCall[];
  readonly windows: readonly LoadWindow[];
  /** Of the whole machine, 0..1. */
  readonly cpuShare: number;
}

const mostCpuShare = 0.5;
const mostFactor = 1.5;
const mostMs = 10;

export function reportLoading({ quiet, loading, windows, cpuShare }: MeasuredLoading): BenchReport {
  const met = loading.filter(({ sentMs, tookMs }) =>
    windows.some(({ fromMs, toMs }) => sentMs < toMs && sentMs + tookMs > fromMs),
  );
  const figures = { without: figuresOf(quiet), during: figuresOf(met) };
  const loadMs = windows.map(({ fromMs, toMs }) => toMs - fromMs);
  const { without, during } = figures;
  const limitMs = Math.max(mostFactor * without.p99Ms, without.p99Ms + mostMs);
  const failures = without.failed + during.failed;
  return {
    figures: { ...figures, loads: loadMs.map((ms) => rounded(ms)), cpuShare: rounded(cpuShare, 3) },
    tables: [
      {
        title: 'Calls of one model, ms',
        columns: ['', 'calls', 'failed', 'p50', 'p99', 'most'],
        rows: Object.entries(figures).map(([name, { calls, failed, p50Ms, p99Ms, maxMs }]) => [
          `${name} a load`,
          String(calls),
          String(failed),
          p50Ms.toFixed(1),
          p99Ms.toFixed(1),
          maxMs.toFixed(1),
        ]),
      },
      {
        title: 'Meanwhile',
        columns: ['loads', 'ms each, median', 'CPU of the machine'],
        rows: [[String(loadMs.length), quantile(loadMs, 0.5).toFixed(0), `${(100 * cpuShare).toFixed(0)} %`]],
      },
    ],
    verdicts: [
      {
        target: `p99 during a load: at most ${mostFactor} times that without, or ${mostMs} ms more`,
        measured: `${during.p99Ms.toFixed(1)} ms against ${without.p99Ms.toFixed(1)} ms`,
        met: during.p99Ms <= limitMs,
      },
      { target: 'no call fails', measured: `${failures} did`, met: failures === 0 },
    ],
    invalid:
      cpuShare <= mostCpuShare
        ? []
        : [`the machine's CPU was ${(100 * cpuShare).toFixed(0)}% busy, over ${100 * mostCpuShare}%`],
  };
}

function figuresOf(calls: readonly SteadyCall[]) {
  const took = calls.map(({ tookMs }) => tookMs);
  const at = (q: number): number => rounded(quantile(took, q));
  const failed = calls.filter((call) => call.failed).length;
  return { calls: calls.length, failed, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}
