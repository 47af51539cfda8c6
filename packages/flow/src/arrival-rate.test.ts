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
  assert.ok(rate.rowsPerMs(0) <= 1 / 200);
});

test('one request of many rows is no step', () => {
  const rate = new ArrivalRate(0);
  rate.add(32, 0);
  assert.ok(rate.rowsPerMs(0) <= 32 / 200);
  for (let request = 0; request < 10; request += 1) rate.add(32, 0);
  assert.ok(rate.rowsPerMs(0) > (0.5 * 11 * 32) / 20);
});

test('over a longer time it is steadier, and as right', () => {
  const rate = new ArrivalRate(0);
  for (let at = 0; at < 60_000; at += 400) rate.add(1, at);
  for (const leastMs of [0, 201, 3000, 13_000])
    assert.ok(Math.abs(rate.rowsPerMs(60_000, leastMs) * 400 - 1) < 1, `${leastMs}`);
  rate.add(1, 60_000);
  const [short, long] = [rate.rowsPerMs(60_000), rate.rowsPerMs(60_000, 10_000)];
  assert.ok(short >= 1 / 200 && Math.abs(long * 400 - 1) < 0.1, `${[short, long]}`);
  // Longer than it remembers.
  assert.ok(rate.rowsPerMs(60_000, 1e9) > 0);
});

test('what stopped coming is forgotten', () => {
  const rate = new ArrivalRate(0);
  feed(rate, 5, [0, 1000]);
  assert.ok(rate.rowsPerMs(2000) < 0.05);
});
