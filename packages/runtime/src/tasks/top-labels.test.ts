import assert from 'node:assert/strict';
import { test } from 'node:test';
import { softmax, topLabels } from './top-labels.ts';

test('softmax keeps the order, sums up to 1 and bears large numbers', () => {
  const probabilities = softmax(Float32Array.of(1000, 1001, 999));
  assert.ok(Math.abs(probabilities.reduce((sum, value) => sum + value, 0) - 1) < 1e-6);
  assert.ok(Math.abs((probabilities[1] as number) - 0.66524) < 1e-4);
  assert.deepEqual([...softmax(Float32Array.of(0, 0))], [0.5, 0.5]);
});

test('the most probable labels come first, no more than asked for', () => {
  const names = ['a', 'b', 'c'];
  assert.deepEqual(topLabels(Float32Array.of(0.25, 0.5, 0.25), names, 2), [
    { name: 'b', score: 0.5 },
    { name: 'a', score: 0.25 },
  ]);
  assert.equal(topLabels(Float32Array.of(0.25, 0.5, 0.25), names, 9).length, 3);
});

test('rounding of the model takes no score out of 0..1', () => {
  assert.deepEqual(topLabels(Float32Array.of(1.000001, -1e-9), ['a', 'b'], 9), [
    { name: 'a', score: 1 },
    { name: 'b', score: 0 },
  ]);
});
