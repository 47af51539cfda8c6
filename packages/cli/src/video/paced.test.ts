import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paced } from './paced.ts';

test('frames come at their times, and none sooner because one was late', async () => {
  let now = 1000;
  const frame = (timeMs: number): { timeMs: number } => ({ timeMs });
  async function* frames(): AsyncGenerator<{ timeMs: number }> {
    yield* [frame(40), frame(140)];
    now += 350;
    yield* [frame(240), frame(400)];
  }
  const came: [number, number][] = [];
  for await (const { timeMs } of paced(frames(), { now: () => now, sleep: async (ms) => void (now += ms) }))
    came.push([timeMs, now]);
  assert.deepEqual(came, [
    [40, 1000],
    [140, 1100],
    [240, 1450],
    [400, 1610],
  ]);
});
