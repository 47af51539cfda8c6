import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchCurve } from './batch-curve.ts';

test('times are read off between the sizes that were measured, and go on as they rose last', () => {
  const batchMs = batchCurve(
    [
      { rows: 4, ms: 16 },
      { rows: 1, ms: 10 },
      { rows: 8, ms: 20 },
    ],
    32,
  );
  assert.deepEqual([1, 2, 4, 6, 8, 16].map(batchMs), [10, 12, 16, 18, 20, 28]);
});

test('a larger batch is never faster, whatever was measured', () => {
  const batchMs = batchCurve(
    [
      { rows: 1, ms: 10 },
      { rows: 2, ms: 9 },
      { rows: 4, ms: 12 },
    ],
    4,
  );
  assert.deepEqual([1, 2, 3, 4].map(batchMs), [10, 10, 11, 12]);
});

test('of one size alone no gain of larger ones is guessed', () => {
  assert.equal(batchCurve([{ rows: 2, ms: 10 }], 8)(8), 40);
});

test('more rows than the maximum are several runs', () => {
  const batchMs = batchCurve(
    [
      { rows: 1, ms: 10 },
      { rows: 4, ms: 16 },
    ],
    4,
  );
  assert.equal(batchMs(9), 16 + 16 + 10);
});
