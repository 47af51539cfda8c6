import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { ManualClock } from '@weft/flow';
import { createLog } from '@weft/telemetry';
import { stopOnSignals } from './stop-on-signals.ts';

/** A process whose stop ends when the test says so. */
function played() {
  const process = new EventEmitter();
  const clock = new ManualClock();
  const exits: number[] = [];
  const lines: { readonly event: string; readonly signal?: string }[] = [];
  let stops = 0;
  let settle = { resolve: (): void => {}, reject: (_error: Error): void => {} };
  const host = Object.assign(process, { exit: (code: number) => exits.push(code) });
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) };
  const signals = stopOnSignals(host, {
    clock,
    log: createLog({ level: 'info', fields: {}, destination }),
    stop() {
      stops++;
      return new Promise((resolve, reject) => (settle = { resolve, reject }));
    },
  });
  return {
    ...{ clock, exits, signals },
    signal: (name: 'SIGINT' | 'SIGTERM') => void process.emit(name),
    stops: () => stops,
    async stopped(): Promise<void> {
      settle.resolve();
      await new Promise(setImmediate);
    },
    async failed(error: Error): Promise<void> {
      settle.reject(error);
      await new Promise(setImmediate);
    },
    told: () => lines.map(({ event, signal }) => (signal === undefined ? event : `${event} ${signal}`)),
  };
}

test('a signal that arrives twice, or another one after it, stops once, and the exit waits for that', async () => {
  const { signal, signals, stops, exits, stopped, told } = played();
  assert.equal(signals.stopping, false);
  signal('SIGTERM');
  signal('SIGTERM');
  signal('SIGINT');
  assert.deepEqual([stops(), signals.stopping, exits], [1, true, []]);
  await stopped();
  assert.deepEqual(exits, [0]);
  assert.deepEqual(told(), ['process.stopping SIGTERM']);
});

test('a signal a second later ends the process at once', () => {
  const { clock, signal, stops, exits, told } = played();
  signal('SIGINT');
  clock.advance(1_000);
  signal('SIGTERM');
  assert.deepEqual([stops(), exits], [1, [1]]);
  assert.deepEqual(told(), ['process.stopping SIGINT', 'process.abandoned SIGTERM']);
});

test('a stop that fails is told and ends the process with 1', async () => {
  const { signal, exits, failed, told } = played();
  signal('SIGTERM');
  await failed(new Error('the disk is full'));
  assert.deepEqual(exits, [1]);
  assert.deepEqual(told(), ['process.stopping SIGTERM', 'process.stop_failed']);
});
