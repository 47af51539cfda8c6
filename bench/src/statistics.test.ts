import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, quantile, repeated, rounded } from './statistics.ts';

test('a quantile lies between its neighbours in the order of size, whatever order the values come in', () => {
  const values = [40, 10, 30, 20];
  assert.equal(quantile(values, 0), 10);
  assert.equal(quantile(values, 1), 40);
  assert.equal(quantile(values, 0.5), 25);
  assert.equal(quantile(values, 0.9), 37);
  assert.deepEqual(values, [40, 10, 30, 20]);
});

test('numbers are ordered as numbers', () => {
  assert.equal(median([100, 9, 20]), 20);
});

test('without values there is no quantile', () => {
  assert.equal(median([]), Number.NaN);
});

test('one outlier moves the most, not the median', () => {
  assert.deepEqual(repeated([2, 1, 3, 900, 2]), { median: 2, least: 1, most: 900 });
});

test('rounding keeps significant digits, not decimals', () => {
  assert.deepEqual([rounded(123456), rounded(0.00123456), rounded(1.5, 1)], [123500, 0.001235, 2]);
});
