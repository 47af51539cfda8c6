// From the windows of the identity bench to its tables and verdicts.
import type { BenchReport, Verdict } from '../bench.ts';
import { quantile, rounded } from '../statistics.ts';
import type { Table } from '../table.ts';
import type { Way } from './elements.ts';
import type { MeasuredShape, MeasuredWay, Shape } from './measured.ts';
import { agreeing, callsPerSecond, isStable, type Window } from './windows.ts';

const wayLabels: Readonly<Record<Way, string>> = { unary: 'unary', stream: 'stream', rest: 'REST, binary' };
const elementBytes = 4;

interface Summary {
  readonly way: Way;
  /** The last windows agree. */
  readonly stable: boolean;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Of tensors, in one direction. */
  readonly megabytesPerSecond: number;
  /** Milliseconds for one call, of each process by its name. */
  readonly cpuMs: Readonly<Record<string, number>>;
}

type SummarizedShape = Shape & { readonly ways: readonly Summary[] };

export function reportIdentity(shapes: readonly MeasuredShape[]): BenchReport {
  const summaries = shapes.map((shape) => ({ ...shape, ways: shape.ways.map((way) => summarize(way, shape)) }));
  return {
    figures: { summaries, windows: shapes.map(plainWindows) },
    tables: summaries.map(tableOf),
    verdicts: summaries.filter(({ elements }) => elements === 1).flatMap(streamVerdict),
    invalid: shapes.flatMap(failed),
  };
}

/** Of the windows that agree, or of as many at the end. */
function summarize({ way, windows }: MeasuredWay, { elements }: Shape): Summary {
  const last = windows.slice(-agreeing);
  const whole = {
    calls: sum(last, ({ calls }) => calls),
    elapsedMs: sum(last, ({ elapsedMs }) => elapsedMs),
  };
  const latencies = last.flatMap(({ latenciesMs }) => [...latenciesMs]);
  const rate = callsPerSecond(whole);
  const cpuOf = (name: string): number => sum(last, ({ cpuMs }) => cpuMs[name] ?? 0) / whole.calls;
  const names = Object.keys(last[0]?.cpuMs ?? {});
  return {
    way,
    stable: isStable(windows),
    callsPerSecond: rounded(rate),
    p50Ms: rounded(quantile(latencies, 0.5)),
    p95Ms: rounded(quantile(latencies, 0.95)),
    megabytesPerSecond: rounded((rate * elements * elementBytes) / 1e6),
    cpuMs: Object.fromEntries(names.map((name) => [name, rounded(cpuOf(name))])),
  };
}

function tableOf({ elements, concurrency, ways }: SummarizedShape): Table {
  const size = elements === 1 ? 'One element' : `${rounded((elements * elementBytes) / 1024 / 1024)} MiB`;
  const processes = ['router', 'service', 'client'];
  const rows = ways.map(({ way, stable, ...summary }) => [
    `${wayLabels[way]}${stable ? '' : ' (not stable)'}`,
    shown(summary.callsPerSecond),
    shown(summary.p50Ms),
    shown(summary.p95Ms),
    ...(elements === 1 ? [] : [shown(summary.megabytesPerSecond)]),
    ...processes.map((name) => shown(summary.cpuMs[name] ?? Number.NaN)),
  ]);
  return {
    title: `${size}, ${concurrency} at a time; CPU in ms for one call of each process`,
    columns: [
      '',
      'calls/s',
      'p50 ms',
      'p95 ms',
      ...(elements === 1 ? [] : ['MB/s each way']),
      ...processes.map((name) => `${name} ms`),
    ],
    rows,
  };
}

function streamVerdict({ concurrency, ways }: SummarizedShape): Verdict[] {
  const cpuOf = (wanted: Way): number => ways.find(({ way }) => way === wanted)?.cpuMs['router'] ?? Number.NaN;
  const ratio = cpuOf('stream') / cpuOf('unary');
  return [
    {
      target: `router CPU for a call of one element in a stream ÷ unary, ${concurrency} at a time: less than 1`,
      measured: ratio.toFixed(2),
      met: ratio < 1,
    },
  ];
}

function failed({ elements, concurrency, ways }: MeasuredShape): string[] {
  return ways.flatMap(({ way, windows }) => {
    const failures = sum(windows, (window) => window.failures);
    const where = `over ${wayLabels[way]} with ${elements} elements, ${concurrency} at a time`;
    return failures === 0 ? [] : [`${failures} calls failed ${where}`];
  });
}

/** Without every single latency. */
function plainWindows({ elements, concurrency, ways }: MeasuredShape): object {
  const plain = ways.map(({ way, windows }) => ({
    way,
    windows: windows.map(({ calls, elapsedMs, latenciesMs, cpuMs }) => ({
      calls,
      elapsedMs: rounded(elapsedMs),
      p50Ms: rounded(quantile(latenciesMs, 0.5)),
      p95Ms: rounded(quantile(latenciesMs, 0.95)),
      cpuMs: Object.fromEntries(Object.entries(cpuMs).map(([name, ms]) => [name, rounded(ms)])),
    })),
  }));
  return { elements, concurrency, ways: plain };
}

function sum(windows: readonly Window[], figure: (window: Window) => number): number {
  return windows.reduce((total, window) => total + figure(window), 0);
}

/** Three digits, and no more decimals than that takes. */
function shown(value: number): string {
  if (Number.isNaN(value)) return '–';
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
