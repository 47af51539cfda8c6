import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MeasuredLoading, reportLoading } from './report-loading.ts';

/** Calls of 5 ms each 20 ms; those that begin within the one load take `duringMs`, those after it half a second. */
function measured(duringMs: number, cpuShare = 0.3): MeasuredLoading {
  const call = (sentMs: number, tookMs: number) => ({ sentMs, tookMs, failed: false });
  const times = Array.from({ length: 150 }, (_, at) => at * 20);
  return {
    windows: [{ fromMs: 0, toMs: 2000 }],
    cpuShare,
    quiet: times.map((sentMs) => call(sentMs - 5000, 5)),
    loading: times.map((sentMs) => call(sentMs, sentMs < 2000 ? duringMs : 500)),
  };
}

test('only calls that met a load count, and ten milliseconds more are allowed', () => {
  const metWith = (duringMs: number): boolean | undefined => reportLoading(measured(duringMs)).verdicts[0]?.met;
  assert.deepEqual([metWith(14), metWith(16)], [true, false]);
});

test('a run on a busy machine does not count', () => {
  assert.deepEqual(reportLoading(measured(6, 0.6)).invalid, ["the machine's CPU was 60% busy, over 50%"]);
});
