import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topLabels } from './top-labels.ts';

test('the best labels come first, equal scores in the order of the names', () => {
  assert.deepEqual(topLabels(['a', 'b', 'c', 'd'], Float32Array.of(0.25, 0.5, 0.25, 0), 3), [
    { name: 'b', score: 0.5 },
    { name: 'a', score: 0.25 },
    { name: 'c', score: 0.25 },
  ]);
});

test('rounding of the model takes no score out of 0..1', () => {
  const labels = topLabels(['a', 'b'], Float32Array.of(1.000001, -1e-9), 9);
  assert.deepEqual(labels, [
    { name: 'a', score: 1 },
    { name: 'b', score: 0 },
  ]);
});
