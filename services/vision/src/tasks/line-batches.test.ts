import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { paddedWidth, planLineBatches } from './line-batches.ts';

const limits = { widthStep: 100, minWidth: 300, maxTotalWidth: 1000 };

test('lines of one padded width go together, as many as a batch may be wide', () => {
  assert.deepEqual(planLineBatches([40, 310, 300, 290, 400, 1], limits), [[0, 2, 3], [5], [1, 4]]);
});

test('a line longer than all a batch may hold rides alone', () => {
  assert.deepEqual(planLineBatches([600, 590, 5000], limits), [[0], [1], [2]]);
});

test('every line rides once, with lines of its padded width alone', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3000 })), (widths) => {
      const batches = planLineBatches(widths, limits);
      assert.deepEqual(
        batches.flat().sort((a, b) => a - b),
        widths.map((_, line) => line),
      );
      for (const lines of batches) {
        const [width, ...others] = new Set(lines.map((line) => paddedWidth(widths[line] as number, limits)));
        assert.ok(width !== undefined && others.length === 0);
        for (const line of lines) assert.ok((widths[line] as number) <= width);
        assert.ok(lines.length === 1 || lines.length * width <= limits.maxTotalWidth);
      }
    }),
  );
});
