import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paced } from './paced.ts';

test('frames come at their pace, and none sooner because one was late', async () => {
  let now = 1000;
  async function* frames(): AsyncGenerator<string> {
    yield* ['a', 'b'];
    now += 350;
    yield* ['late', 'c'];
  }
  const pace = { fps: 10, now: () => now, sleep: async (ms: number) => void (now += ms) };
  const came: [string, number][] = [];
  for await (const frame of paced(frames(), pace)) came.push([frame, now]);
  assert.deepEqual(came, [
    ['a', 1000],
    ['b', 1100],
    ['late', 1450],
    ['c', 1550],
  ]);
});
