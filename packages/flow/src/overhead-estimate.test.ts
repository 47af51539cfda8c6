import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OverheadEstimate } from './overhead-estimate.ts';

function afterAll(samples: readonly number[]): number {
  const estimate = new OverheadEstimate({ leastMs: 2, mostMs: 50 });
  for (const ms of samples) estimate.learn(ms);
  return estimate.marginMs;
}

test('starts with the least, and stays there on a short way', () => {
  assert.equal(afterAll([]), 2);
  assert.equal(afterAll(new Array<number>(100).fill(0.3)), 2);
});

test('covers a long way twice, and more than its mean where it varies', () => {
  const steady = afterAll(new Array<number>(100).fill(6));
  assert.ok(steady >= 12 && steady < 13);
  const varying = afterAll(Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? 3 : 9)));
  assert.ok(varying > 18);
});

test('one answer that took minutes does not make every deadline hopeless', () => {
  const margin = afterAll([...new Array<number>(100).fill(1), 1e6, ...new Array<number>(30).fill(1)]);
  assert.ok(margin < 10, String(margin));
  assert.ok(afterAll(new Array<number>(100).fill(1e6)) <= 50);
});
