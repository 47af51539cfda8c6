// From the situations of the event-loop bench to its table and verdicts.
import type { BenchReport } from '../bench.ts';
import { lateMs, type LoopDelay } from '../loop-delay.ts';
import type { Table } from '../table.ts';
import { wantedMs } from './calibrate.ts';
import type { Watched } from './watched.ts';

export interface MeasuredEventLoop {
  readonly watched: readonly Watched[];
  /** Of a process that runs the model on its main thread. */
  readonly control: LoopDelay;
}

export function reportEventLoop({ watched, control }: MeasuredEventLoop): BenchReport {
  const busy = watched.filter(({ runs }) => runs !== undefined);
  return {
    figures: { watched, control },
    tables: [loopTable(watched, control), callTable(watched)],
    verdicts: busy.flatMap(({ situation, loops }) =>
      Object.entries(loops).map(([process, { p99Ms }]) => ({
        target: `${process}'s event loop, ${situation}: at most ${lateMs} ms late at p99`,
        measured: `${p99Ms.toFixed(1)} ms`,
        met: p99Ms <= lateMs,
      })),
    ),
    invalid: [...busy.flatMap(invalidRuns), ...watched.flatMap(invalidLight), ...invalidControl(control)],
  };
}

function invalidRuns({ situation, runs }: Watched): string[] {
  if (runs === undefined) return [];
  if (runs.failures > 0) return [`${runs.failures} runs failed (${situation})`];
  const tooFar = runs.p50Ms < wantedMs / 2 || runs.p50Ms > wantedMs * 2;
  return tooFar ? [`a run took ${runs.p50Ms.toFixed(0)} ms instead of ${wantedMs} (${situation})`] : [];
}

function invalidLight({ situation, light }: Watched): string[] {
  return light !== undefined && light.failures > 0 ? [`${light.failures} light calls failed (${situation})`] : [];
}

function invalidControl({ p99Ms }: LoopDelay): string[] {
  return p99Ms > lateMs ? [] : [`a blocked main thread shows as ${p99Ms.toFixed(1)} ms: the measurement is blind`];
}

function loopTable(watched: readonly Watched[], control: LoopDelay): Table {
  const row = (name: string, { p50Ms, p99Ms, maxMs, lateShare }: LoopDelay): string[] => [
    name,
    ...[p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1)),
    `${(lateShare * 100).toFixed(2)} %`,
  ];
  return {
    title: 'Delay of the main event loop in ms, the 1 ms of the measuring timer included',
    columns: ['', 'p50', 'p99', 'most', `time over ${lateMs} ms`],
    rows: [
      ...watched.flatMap(({ situation, loops }) =>
        Object.entries(loops).map(([process, delay]) => row(`${process}, ${situation}`, delay)),
      ),
      row('control: model on the main thread', control),
    ],
  };
}

function callTable(watched: readonly Watched[]): Table {
  return {
    title: 'Calls meanwhile, ms: runs of the model, and health and metadata of router and service',
    columns: ['', 'runs', 'run p50', 'light calls', 'p50', 'p99', 'most'],
    rows: watched.map(({ situation, runs, light }) => [
      situation,
      runs === undefined ? '–' : String(runs.calls),
      runs === undefined ? '–' : runs.p50Ms.toFixed(0),
      String(light?.calls ?? 0),
      ...[light?.p50Ms, light?.p99Ms, light?.maxMs].map((value) => (value === undefined ? '–' : value.toFixed(1))),
    ]),
  };
}
