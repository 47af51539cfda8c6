import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wilsonInterval } from './wilson-interval.ts';

test('matches published values', () => {
  const { least, most } = wilsonInterval(10, 100);
  assert.deepEqual([least.toFixed(4), most.toFixed(4)], ['0.0552', '0.1744']);
});

test('of no calls nothing is known', () => {
  assert.deepEqual(wilsonInterval(0, 0), { least: 0, most: 1 });
});

test('holds the observed share, and narrows with more calls of the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 0, max: 10_000 }), (calls, any) => {
      const failed = Math.min(any, calls);
      const { least, most } = wilsonInterval(failed, calls);
      assert.ok(least - 1e-9 <= failed / calls && failed / calls <= most + 1e-9);
      const wider = wilsonInterval(failed * 4, calls * 4);
      assert.ok(wider.most - wider.least < most - least);
    }),
  );
});
