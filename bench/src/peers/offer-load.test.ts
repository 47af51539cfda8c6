import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@weft/flow/simulation';
import { offerLoad, type OfferedLoad } from './offer-load.ts';
import type { Outcome } from './open-caller.ts';

/** Time that passes when everybody waits: events in order, each with all that follows from it. */
function simulatedTime() {
  let nowMs = 0;
  const events: { readonly atMs: number; readonly wake: () => void }[] = [];
  const until = (atMs: number): Promise<void> =>
    new Promise((resolve) => {
      events.push({ atMs, wake: resolve });
      events.sort((a, b) => a.atMs - b.atMs);
    });
  return {
    clock: { now: () => nowMs, until, random: createRandom(7) },
    /** Runs until `result` is there. */
    async finish<Result>(result: Promise<Result>): Promise<Result> {
      let finished = false;
      const marked = result.finally(() => (finished = true));
      for (;;) {
        await new Promise(setImmediate);
        if (finished) return marked;
        const next = events.shift();
        if (next === undefined) throw new Error('nothing happens any more');
        nowMs = Math.max(nowMs, next.atMs);
        next.wake();
      }
    },
  };
}

const load: OfferedLoad = { rate: 500, deadlineMs: 50, settleMs: 100, measureMs: 1_000, maxInFlight: 64 };

test('a server that answers at once answers everything in time', async () => {
  const { clock, finish } = simulatedTime();
  const answer = async (): Promise<Outcome> => {
    await clock.until(clock.now() + 5);
    return 'right';
  };
  const result = await finish(offerLoad(load, answer, clock));
  assert.equal(result.inTime, result.offered);
  assert.ok(Math.abs(result.offered - 500) < 80, String(result.offered));
  assert.ok(Math.abs(result.p50Ms - 5) < 1e-6);
});

test('a server of one call at a time is late by what waits before it, and the rest is given up', async () => {
  const { clock, finish } = simulatedTime();
  let freeMs = 0;
  const deadlines: number[] = [];
  const answer = async (_: number, deadlineMs: number): Promise<Outcome> => {
    deadlines.push(deadlineMs);
    freeMs = Math.max(freeMs, clock.now()) + 10;
    await clock.until(freeMs);
    return 'right';
  };
  const result = await finish(offerLoad(load, answer, clock));
  assert.equal(result.inTime + result.late + result.givenUp, result.offered);
  assert.ok(result.late > 0 && result.givenUp > result.offered / 2, JSON.stringify(result));
  assert.ok(result.p99Ms > 500);
  assert.ok(deadlines.every((deadlineMs) => deadlineMs > 0 && deadlineMs < load.deadlineMs + 1e-6));
});

test('wrong and failed answers are no answers in time, however quick', async () => {
  const { clock, finish } = simulatedTime();
  const outcomes: readonly Outcome[] = ['right', 'wrong', 'failed', 'right'];
  const result = await finish(offerLoad(load, async (turn) => outcomes[turn % 4] as Outcome, clock));
  assert.ok(Math.abs(result.wrong - result.offered / 4) <= 1);
  assert.ok(Math.abs(result.failed - result.offered / 4) <= 1);
  assert.ok(Math.abs(result.inTime - result.offered / 2) <= 2);
});
