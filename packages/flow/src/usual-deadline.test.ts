import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyProfile } from './latency-profile.ts';
import { UsualDeadline } from './usual-deadline.ts';

// Planned are 10 ms and one more for each row.
const profile = new LatencyProfile(
  64,
  [1, 64].map((rows) => ({ rows, ms: (10 + rows) / 1.06 })),
);

test('without any deadline the largest batch is as good as any', () => {
  const usual = new UsualDeadline();
  assert.deepEqual([usual.efficientRows(profile), usual.largestRows(profile)], [64, 64]);
});

test('an efficient batch takes three quarters of the usual deadline, the largest nine tenths', () => {
  const usual = new UsualDeadline();
  usual.learn(40.01, 0);
  assert.deepEqual([usual.efficientRows(profile), usual.largestRows(profile)], [20, 26]);
  const hurried = new UsualDeadline();
  hurried.learn(8, 0);
  assert.deepEqual([hurried.efficientRows(profile), hurried.largestRows(profile)], [0, 0]);
});

test('what is usual changes slowly: one request in a hurry changes little, many change it', () => {
  const usual = new UsualDeadline();
  for (let request = 0; request < 100; request += 1) usual.learn(40.01, 0);
  usual.learn(2, 0);
  assert.equal(usual.efficientRows(profile), 19);
  for (let request = 0; request < 300; request += 1) usual.learn(20, 0);
  assert.equal(usual.efficientRows(profile), 5);
});

test('each class has its own, and one that nobody knows what all have', () => {
  const usual = new UsualDeadline();
  for (let request = 0; request < 100; request += 1) usual.learn(40.01, 1);
  usual.learn(20, 0);
  assert.deepEqual(
    [0, 1, 2, undefined].map((priority) => usual.efficientRows(profile, priority)),
    [5, 20, 19, 19],
  );
});
