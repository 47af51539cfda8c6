import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SlidingQuantile } from './sliding-quantile.ts';

function within(actual: number | undefined, expected: number): void {
  assert.ok(Math.abs((actual ?? 0) / expected - 1) < 0.06, `${actual} is not ${expected}`);
}

test('a quantile is exact to a few percent, over five orders of magnitude', () => {
  for (const scale of [0.2, 1, 30, 700, 60_000]) {
    const times = new SlidingQuantile(10_000);
    for (let at = 1; at <= 1000; at += 1) times.add((scale * at) / 1000, 0);
    within(times.quantile(0.99, 0), 0.99 * scale);
    within(times.quantile(1, 0), scale);
  }
});

test('what is older than the window is forgotten, slot by slot', () => {
  const times = new SlidingQuantile(10_000);
  times.add(500, 5_000_000);
  times.add(10, 5_006_000);
  within(times.quantile(1, 5_009_900), 500);
  within(times.quantile(1, 5_010_100), 10);
  assert.equal(times.quantile(1, 5_030_000), undefined);
});
