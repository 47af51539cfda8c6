import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planImageRuns } from './plan-image-runs.ts';

const sized = (width: number, height: number) => ({ width, height });

test('images of equal size share a run, as many as the limit allows, and a larger one runs alone', () => {
  const images = [sized(4, 5), sized(5, 4), sized(4, 5), sized(9, 9), sized(4, 5), sized(9, 9)];
  assert.deepEqual(planImageRuns(images, 40), [[0, 2], [4], [1], [3], [5]]);
  assert.deepEqual(planImageRuns([], 40), []);
});

test('every image is in one run, of its own size and within the limit', () => {
  const size = fc.record({ width: fc.integer({ min: 1, max: 4 }), height: fc.integer({ min: 1, max: 4 }) });
  fc.assert(
    fc.property(fc.array(size, { maxLength: 20 }), fc.integer({ min: 1, max: 40 }), (images, maxPixels) => {
      const runs = planImageRuns(images, maxPixels);
      assert.deepEqual(
        runs.flat().sort((a, b) => a - b),
        [...images.keys()],
      );
      for (const run of runs) {
        const sizes = run.map((index) => images[index] as { width: number; height: number });
        assert.equal(new Set(sizes.map(({ width, height }) => `${width} ${height}`)).size, 1);
        const pixels = sizes.reduce((sum, { width, height }) => sum + width * height, 0);
        assert.ok(run.length === 1 || pixels <= maxPixels);
      }
    }),
  );
});
