import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArrivalRate } from './arrival-rate.ts';

/** Feeds `perMs` rows a millisecond, evenly. */
function feed(rate: ArrivalRate, perMs: number, [fromMs, untilMs]: readonly [number, number]): void {
  for (let at = fromMs; at < untilMs; at += 1 / perMs) rate.add(1, at);
}

test('a steady rate is known within a tenth', () => {
  const rate = new ArrivalRate(0);
  feed(rate, 5, [0, 1000]);
  assert.ok(Math.abs(rate.rowsPerMs(1000) / 5 - 1) < 0.1);
});

test('a step in load is most of the way known after 40 ms', () => {
  const rate = new ArrivalRate(0);
  feed(rate, 2, [0, 1000]);
  feed(rate, 18, [1000, 1040]);
  assert.ok(rate.rowsPerMs(1040) > 0.7 * 18);
});

test('a few that come together are no step', () => {
  const rate = new ArrivalRate(0);
  feed(rate, 0.05, [0, 1000]);
  rate.add(3, 1000);
  assert.ok(rate.rowsPerMs(1000) < 0.05 + 4 / 200);
});

test('the first request is not taken for a crowd', () => {
  const rate = new ArrivalRate(0);
  rate.add(1, 0);
  assert.ok(rate.rowsPerMs(0) <= 1 / 20);
});

test('what stopped coming is forgotten', () => {
  const rate = new ArrivalRate(0);
  feed(rate, 5, [0, 1000]);
  assert.ok(rate.rowsPerMs(2000) < 0.05);
});
