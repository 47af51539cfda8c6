import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calmer, changesBetween, hurried, planReplicas, resolutionDelayMs } from './discovery-plan.ts';

const connected = { connected: true };
const away = { connected: false };

test('every record gets one replica, and none a second', () => {
  const plan = planReplicas(new Set(['a', 'b', 'c']), new Map([['b', connected]]));
  assert.deepEqual(plan, { start: ['a', 'c'], stop: [] });
});

test('a replica without a record stays while it is connected, one that is away goes', () => {
  const replicas = new Map([
    ['a', connected],
    ['b', away],
    ['c', away],
  ]);
  assert.deepEqual(planReplicas(new Set(['c']), replicas), { start: [], stop: ['b'] });
});

test('changes are what came and what went', () => {
  assert.deepEqual(changesBetween(['a', 'b'], ['c', 'b']), { added: ['c'], removed: ['a'] });
});

test('names are resolved at the interval, sooner where records live shorter, never more often than once a second', () => {
  const pace = { intervalMs: 5_000, hurryMs: Infinity };
  assert.equal(resolutionDelayMs(pace, Infinity), 5_000);
  assert.equal(resolutionDelayMs(pace, 30_000), 5_000);
  assert.equal(resolutionDelayMs(pace, 2_000), 2_000);
  assert.equal(resolutionDelayMs(pace, 0), 1_000);
});

test('a hurry begins after a second and slows down to the interval', () => {
  const delays: number[] = [];
  let pace = hurried({ intervalMs: 5_000, hurryMs: Infinity });
  for (let resolution = 0; resolution < 5; resolution++) {
    delays.push(resolutionDelayMs(pace, Infinity));
    pace = calmer(pace);
  }
  assert.deepEqual(delays, [1_000, 2_000, 4_000, 5_000, 5_000]);
  assert.equal(resolutionDelayMs(hurried({ intervalMs: 1_000, hurryMs: Infinity }), Infinity), 1_000);
});
