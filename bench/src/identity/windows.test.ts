import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStable, type Window } from './windows.ts';

const window = (calls: number, latencyMs: number): Window => ({
  calls,
  failures: 0,
  elapsedMs: 1000,
  latenciesMs: Float64Array.from({ length: calls }, () => latencyMs),
  cpuMs: {},
});

test('fewer than three windows say nothing', () => {
  assert.equal(isStable([]), false);
  assert.equal(isStable([window(100, 5), window(100, 5)]), false);
});

test('three windows in a row within a tenth of their mean are stable, whatever came before', () => {
  assert.equal(isStable([window(100, 5), window(104, 5.2), window(96, 4.8)]), true);
  assert.equal(isStable([window(9, 80), window(100, 5), window(109, 5), window(95, 5)]), true);
});

test('one of the last three that is off, in calls or in latency, is not stable', () => {
  assert.equal(isStable([window(100, 5), window(100, 5), window(130, 5)]), false);
  assert.equal(isStable([window(100, 5), window(100, 7), window(100, 5)]), false);
  assert.equal(isStable([window(100, 5), window(100, 5), window(100, 5), window(50, 10)]), false);
});

test('windows without a call are never stable', () => {
  assert.equal(isStable([window(0, 0), window(0, 0), window(0, 0)]), false);
});
