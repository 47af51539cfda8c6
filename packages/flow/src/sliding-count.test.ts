import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SlidingCount } from './sliding-count.ts';

const windowMs = 1000;

test('counts what happened within the window, exact to a tenth of it', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), steps, (startMs, pausesMs) => {
      const count = new SlidingCount(windowMs);
      const instants: number[] = [];
      let nowMs = startMs;
      for (const pauseMs of pausesMs) {
        nowMs += pauseMs;
        instants.push(nowMs);
        count.add(nowMs);
        const within = (ms: number): number => instants.filter((instant) => instant > nowMs - ms).length;
        const total = count.total(nowMs);
        assert.ok(total >= within(0.9 * windowMs) && total <= within(windowMs), `${total} at ${nowMs}`);
      }
    }),
  );
});

test('a pause longer than the window empties it', () => {
  const count = new SlidingCount(windowMs);
  for (const nowMs of [0, 150, 999]) count.add(nowMs);
  assert.equal(count.total(999), 3);
  assert.equal(count.total(123_456), 0);
});

test('an instant a little before the last one is counted with it', () => {
  const count = new SlidingCount(windowMs);
  count.add(500);
  count.add(480);
  assert.equal(count.total(500), 2);
});
