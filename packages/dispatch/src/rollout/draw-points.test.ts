import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DrawPoints } from './draw-points.ts';

test('an interval gets its share of any run of points, but for a few', () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.integer({ min: 1, max: 99 }), (skipped, percent) => {
      const points = new DrawPoints();
      for (let at = 0; at < skipped; at += 1) points.next('m');
      let inside = 0;
      for (let at = 0; at < 2000; at += 1) inside += Number(points.next('m') >= 1 - percent / 100);
      assert.ok(Math.abs(inside - 20 * percent) <= 6, `${inside} of 2000 are not ${percent} %`);
    }),
  );
});

test('traffic that repeats does not fall in step with it', () => {
  for (const period of [2, 3, 5, 10, 100]) {
    const points = new DrawPoints();
    let inside = 0;
    for (let at = 0; at < 2000 * period; at += 1) inside += Number(points.next('m') >= 0.9 && at % period === 0);
    assert.ok(Math.abs(inside - 200) <= 40, `period ${period}: ${inside} of 2000`);
  }
});

test('each model has its own points', () => {
  const points = new DrawPoints();
  const first = points.next('a');
  points.next('a');
  assert.equal(points.next('b'), first);
});
