import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adaptive, delay, greedy, type Situation } from './batch-policy.ts';
import { LatencyProfile } from './latency-profile.ts';

// Planned are 10 ms and one more for each row.
const profile = new LatencyProfile(
  16,
  [1, 16].map((rows) => ({ rows, ms: (10 + rows) / 1.06 })),
);

function situation(more: Partial<Situation> = {}): Situation {
  const known = { nowMs: 100, waitingRows: 1, fitRows: 16, dueMs: 200, deadlineMs: 200, oldestSinceMs: 100 };
  return { ...known, profile, instances: 2, rowsPerMs: 0.01, ...more };
}

test('the target is one row at low load, and grows with what arrives', () => {
  assert.deepEqual(adaptive(situation()), { rows: 1, reason: 'idle' });
  // Two instances, one row each 2 ms: a batch of b rows may take 3.4·b ms, which 5 rows do (15 ≤ 17) and 4 do not.
  const busy = { rowsPerMs: 0.5, dueMs: 1000 };
  assert.ok('waitUntilMs' in adaptive(situation({ ...busy, waitingRows: 4 })));
  assert.deepEqual(adaptive(situation({ ...busy, waitingRows: 5 })), { rows: 5, reason: 'target' });
});

test('one instance never waits, not even with a far slower one beside it', () => {
  for (const instances of [1, 1.4]) {
    const alone = situation({ rowsPerMs: 0.08, dueMs: 1000, waitingRows: 3, instances });
    assert.deepEqual(adaptive(alone), { rows: 3, reason: 'idle' });
  }
});

test('a target that should have been reached long ago is not waited for', () => {
  const busy = { rowsPerMs: 0.5, dueMs: 1000, waitingRows: 2 };
  const decision = adaptive(situation(busy));
  assert.deepEqual(decision, { waitUntilMs: 112 });
  assert.deepEqual(adaptive(situation({ ...busy, nowMs: 112 })), { rows: 2, reason: 'idle' });
});

test('a batch leaves at the latest moment that meets its due time with one row more', () => {
  const busy = { rowsPerMs: 0.5, waitingRows: 2, dueMs: 118 };
  assert.deepEqual(
    [adaptive(situation(busy)), adaptive(situation({ ...busy, nowMs: 105, fitRows: 3 }))],
    [{ waitUntilMs: 105 }, { rows: 2, reason: 'deadline' }],
  );
});

test('the largest batch is full, whatever the policy', () => {
  const waitingRows = 40;
  for (const policy of [adaptive, greedy, delay({ queueDelayMs: 5 })])
    assert.deepEqual(policy(situation({ waitingRows, rowsPerMs: 5 })), { rows: 16, reason: 'full' });
});

test('delay waits for its time or a preferred size', () => {
  const policy = delay({ queueDelayMs: 5, preferredRows: [4, 8] });
  assert.deepEqual(policy(situation({ waitingRows: 3 })), { waitUntilMs: 105 });
  assert.deepEqual(policy(situation({ waitingRows: 3, nowMs: 105 })), { rows: 3, reason: 'deadline' });
  assert.deepEqual(policy(situation({ waitingRows: 7 })), { rows: 4, reason: 'target' });
});

test('delay sends at the latest moment that meets the first deadline when that comes before its time', () => {
  const policy = delay({ queueDelayMs: 100 });
  const tight = { waitingRows: 1, deadlineMs: 150 };
  assert.deepEqual(policy(situation(tight)), { waitUntilMs: 138 });
  assert.deepEqual(policy(situation({ ...tight, nowMs: 138 })), { rows: 1, reason: 'deadline' });
  assert.deepEqual(policy(situation({ ...tight, nowMs: 160 })), { rows: 1, reason: 'deadline' });
  // What is due by an objective alone waits as long as was asked for.
  assert.deepEqual(policy(situation({ dueMs: 150, deadlineMs: Number.POSITIVE_INFINITY })), { waitUntilMs: 200 });
});
