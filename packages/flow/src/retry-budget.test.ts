import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RetryBudget } from './retry-budget.ts';

/** How many of `wanted` withdrawals are granted at one instant. */
function granted(budget: RetryBudget, wanted: number, nowMs: number): number {
  return Array.from({ length: wanted }, () => budget.withdraw(nowMs)).filter(Boolean).length;
}

function deposit(budget: RetryBudget, times: number, nowMs: number): void {
  for (let time = 0; time < times; time += 1) budget.deposit(nowMs);
}

test('over any history, retries stay below their share of the requests, the floor, and a second of it', () => {
  const settings = fc.record({
    ratio: fc.constantFrom(0, 0.1, 0.2, 1),
    minPerSecond: fc.constantFrom(0, 0.5, 10),
    windowMs: fc.constantFrom(100, 1000, 10_000),
  });
  const step = fc.record({
    pauseMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3000 })),
    requests: fc.integer({ min: 0, max: 30 }),
    wanted: fc.integer({ min: 0, max: 30 }),
  });
  fc.assert(
    fc.property(settings, fc.array(step, { maxLength: 80 }), (given, steps) => {
      const startMs = 12_345;
      const budget = new RetryBudget(given, startMs);
      let [nowMs, requests, retries] = [startMs, 0, 0];
      for (const { pauseMs, requests: more, wanted } of steps) {
        nowMs += pauseMs;
        deposit(budget, more, nowMs);
        requests += more;
        retries += granted(budget, wanted, nowMs);
        const floor = (given.minPerSecond * (nowMs - startMs)) / 1000;
        const atOnce = given.minPerSecond > 0 ? Math.max(1, given.minPerSecond) : 0;
        assert.ok(retries <= given.ratio * requests + floor + atOnce + 1e-6);
      }
    }),
  );
});

test('when everything fails, a fifth of it is sent again', () => {
  const budget = new RetryBudget({ minPerSecond: 0 }, 0);
  let retries = 0;
  for (let nowMs = 0; nowMs < 60_000; nowMs += 2) {
    budget.deposit(nowMs);
    retries += granted(budget, 1, nowMs);
  }
  assert.ok(Math.abs(retries / 30_000 - 0.2) < 0.001, String(retries));
});

test('who sends little may retry all of it', () => {
  const budget = new RetryBudget(undefined, 0);
  for (let nowMs = 0; nowMs < 60_000; nowMs += 200) {
    budget.deposit(nowMs);
    assert.ok(budget.withdraw(nowMs));
  }
});

test('what was admitted before the window pays for nothing', () => {
  const budget = new RetryBudget({ minPerSecond: 0 }, 0);
  deposit(budget, 1000, 0);
  assert.equal(granted(budget, 50, 5000), 50);
  assert.equal(granted(budget, 1000, 11_000), 0);
});

test('a retry is not forgotten before the requests that paid for it', () => {
  const budget = new RetryBudget({ minPerSecond: 0 }, 0);
  deposit(budget, 100, 0);
  assert.equal(granted(budget, 100, 9000), 20);
  deposit(budget, 50, 9500);
  assert.equal(granted(budget, 100, 9500), 10);
  assert.equal(granted(budget, 100, 12_000), 0);
});

test('a quiet time saves up a second of the floor, no more', () => {
  const budget = new RetryBudget(undefined, 0);
  assert.equal(granted(budget, 1000, 3_600_000), 10);
  assert.equal(granted(budget, 1000, 3_600_500), 5);
});
