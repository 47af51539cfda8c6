import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampled } from './sampled.ts';

async function kept(given: readonly { timeMs?: number }[], fps: number): Promise<unknown[]> {
  async function* frames(): AsyncGenerator<{ timeMs?: number }> {
    yield* given;
  }
  const times: unknown[] = [];
  for await (const { timeMs } of sampled(frames(), fps)) times.push(timeMs);
  return times;
}

test('of each second so many frames are kept as were asked for', async () => {
  const times = Array.from({ length: 300 }, (_, index) => ({ timeMs: Math.round((index * 1000) / 30) }));
  assert.deepEqual((await kept(times, 5)).slice(0, 4), [0, 200, 400, 600]);
  assert.equal((await kept(times, 7)).length, 70);
  assert.equal((await kept(times, 60)).length, 300);
});

test('nothing is made up for after a gap', async () => {
  const times = [0, 50, 100, 1000, 1010, 1050, 1100].map((timeMs) => ({ timeMs }));
  assert.deepEqual(await kept(times, 10), [0, 100, 1000, 1100]);
});

test('frames without times are all kept, at that rate', async () => {
  assert.deepEqual(await kept([{}, {}, {}], 4), [0, 250, 500]);
});
