import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Way } from './elements.ts';
import type { MeasuredShape } from './measured.ts';
import { reportIdentity } from './report-identity.ts';
import type { Window } from './windows.ts';

interface Told {
  readonly calls: number;
  readonly latencyMs: number;
  readonly routerMs: number;
  readonly failures?: number;
}

/** A second of load. */
function window({ calls, latencyMs, routerMs, failures = 0 }: Told): Window {
  const latenciesMs = Float64Array.from({ length: calls }, () => latencyMs);
  return { calls, failures, elapsedMs: 1000, latenciesMs, cpuMs: { router: routerMs, service: 50, client: 100 } };
}

const shape = (elements: number, ways: Readonly<Partial<Record<Way, readonly Told[]>>>): MeasuredShape => ({
  elements,
  concurrency: 16,
  ways: Object.entries(ways).map(([way, told]) => ({ way: way as Way, windows: told.map(window) })),
});

const steady = (routerMs: number): Told[] => [1, 2, 3].map(() => ({ calls: 100, latencyMs: 5, routerMs }));

test('what counts are the last three windows, all their calls together', () => {
  const early = { calls: 10, latencyMs: 90, routerMs: 500 };
  const { tables } = reportIdentity([shape(1, { unary: [early, ...steady(20)] })]);
  assert.deepEqual(tables[0]?.rows, [['unary', '100', '5', '5', '0.2', '0.5', '1']]);
});

test('ways whose windows never agreed are marked', () => {
  const wild = [1, 2, 3].map((times) => ({ calls: 100 * times, latencyMs: 5, routerMs: 20 }));
  const { tables, invalid } = reportIdentity([shape(1, { unary: steady(20), rest: wild })]);
  assert.deepEqual(
    tables[0]?.rows.map(([name]) => name),
    ['unary', 'REST, binary (not stable)'],
  );
  assert.deepEqual(invalid, []);
});

test('large tensors are shown in megabytes a second', () => {
  const { tables } = reportIdentity([shape(4 * 1024 * 1024, { unary: steady(20) })]);
  assert.equal(tables[0]?.title, '16 MiB, 16 at a time; CPU in ms for one call of each process');
  assert.deepEqual(tables[0]?.rows[0]?.slice(1, 5), ['100', '5', '5', '1678']);
});

test('a small call in a stream must cost the router less than a unary one', () => {
  const verdictsOf = (streamMs: number) =>
    reportIdentity([shape(1, { unary: steady(20), stream: steady(streamMs) })]).verdicts.map(({ measured, met }) => [
      measured,
      met,
    ]);
  assert.deepEqual(verdictsOf(10), [['0.50', true]]);
  assert.deepEqual(verdictsOf(22), [['1.10', false]]);
});

test('a run in which a call failed does not count', () => {
  const windows = [...steady(20), { calls: 99, latencyMs: 5, routerMs: 20, failures: 1 }];
  const { invalid } = reportIdentity([shape(1, { stream: windows })]);
  assert.deepEqual(invalid, ['1 calls failed over stream with 1 elements, 16 at a time']);
});

test('the figures that are kept are of each window, not of each call', () => {
  const { figures } = reportIdentity([shape(1, { unary: steady(20) })]);
  assert.ok(JSON.stringify(figures).length < 2000);
});
