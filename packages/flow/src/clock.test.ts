import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from './clock.ts';

test('a timer further off than setTimeout can count does not wake at once', async (t) => {
  let woken = false;
  t.after(
    systemClock.setTimer(2 ** 40, () => {
      woken = true;
    }),
  );
  // Timers fall due in the order of their delays: a delay out of range counts as one millisecond.
  await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal(woken, false);
});
