import assert from 'node:assert/strict';
import { createHistogram } from 'node:perf_hooks';
import { test } from 'node:test';
import { readLoopDelay } from './loop-delay.ts';

function histogramOf(...delaysMs: readonly number[]) {
  const histogram = createHistogram({ figures: 3 });
  for (const delayMs of delaysMs) histogram.record(delayMs * 1e6);
  return histogram;
}

test('one long stop is no percentile, but a share of the time', () => {
  const { samples, p99Ms, maxMs, lateShare } = readLoopDelay(histogramOf(...new Array<number>(999).fill(1), 999));
  assert.equal(samples, 1000);
  assert.ok(p99Ms < 1.01, `${p99Ms}`);
  assert.ok(Math.abs(maxMs - 999) < 1, `${maxMs}`);
  assert.ok(Math.abs(lateShare - 0.5) < 0.01, `${lateShare}`);
});

test('a loop that is never late has no late share, one that always is has all', () => {
  assert.equal(readLoopDelay(histogramOf(1, 2, 19)).lateShare, 0);
  assert.equal(readLoopDelay(histogramOf(21, 500)).lateShare, 1);
});
