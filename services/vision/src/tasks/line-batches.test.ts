import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planLineBatches } from './line-batches.ts';

const limits = { widthStep: 100, minWidth: 300, maxLines: 2, maxTotalWidth: 1000 };

test('lines of one bucket go together, up to the most lines of a batch', () => {
  assert.deepEqual(planLineBatches([40, 310, 300, 290, 400], limits), [
    { width: 300, lines: [0, 2] },
    { width: 300, lines: [3] },
    { width: 400, lines: [1, 4] },
  ]);
});

test('long lines ride in smaller batches, and one longer than all a batch may hold rides alone', () => {
  assert.deepEqual(planLineBatches([600, 590, 5000], limits), [
    { width: 600, lines: [0] },
    { width: 600, lines: [1] },
    { width: 5000, lines: [2] },
  ]);
});

test('every line rides once, in a batch it fits into', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3000 })), (widths) => {
      const batches = planLineBatches(widths, limits);
      assert.deepEqual(
        batches.flatMap(({ lines }) => lines).sort((a, b) => a - b),
        widths.map((_, line) => line),
      );
      for (const { width, lines } of batches) {
        for (const line of lines) assert.ok((widths[line] as number) <= width);
        assert.ok(lines.length === 1 || lines.length * width <= limits.maxTotalWidth);
      }
    }),
  );
});
