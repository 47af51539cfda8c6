import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { adaptive, deferred, greedy, LatencyProfile, type Situation } from '@weft/flow';
import { parseConfigText, schedulingOf } from '@weft/models';
import { policyOf, termsOf } from './queueing-terms.ts';
import type { Call, Terms } from './pending-call.ts';
import { call } from '../testing/pending-calls.ts';

const infinity = Number.POSITIVE_INFINITY;
const nowMs = 1000;

function terms(config: string, fields: Partial<Call> = {}): Terms {
  return termsOf(call(fields), schedulingOf(parseConfigText(config)), { rows: fields.rows ?? 1, maxRows: 8, nowMs });
}

const priorities = (config: string, asked: readonly number[]): number[] =>
  asked.map((priority) => terms(config, { priority }).priority);

function policy(text: string) {
  return policyOf(schedulingOf(parseConfigText(`max_batch_size: 8 ${text}`)));
}

describe('the class of a call', () => {
  test('is its level, the highest first, or the default where it names none that exists', () => {
    assert.deepEqual(priorities('', [0, 1, 2, 3, 4, 1e6, -1]), [1, 0, 1, 2, 1, 1, 1]);
    const config = 'dynamic_batching { priority_levels: 5 default_priority_level: 4 }';
    assert.deepEqual(priorities(config, [0, 1, 5, 6]), [3, 0, 4, 3]);
  });

  test('decides what policy it has', () => {
    const config = `dynamic_batching { priority_levels: 2 default_priority_level: 2
      priority_queue_policy { key: 2 value { default_timeout_microseconds: 50000 } } }`;
    assert.deepEqual([terms(config, { priority: 1 }).startByMs, terms(config).startByMs], [infinity, nowMs + 50]);
  });
});

test('a call counts all of its rows, but no more than it has bytes', () => {
  const rowsOf = (fields: Partial<Call>): number => terms('', { payload: Buffer.alloc(100), ...fields }).rows;
  assert.deepEqual(
    [0, 1, 8, 9, 90].map((rows) => rowsOf({ rows })),
    [0, 1, 8, 9, 90],
  );
  assert.equal(rowsOf({ rows: 1e15 }), 100);
  assert.equal(rowsOf({ rows: 1e15, payload: Buffer.alloc(0) }), 8);
});

describe('a timeout', () => {
  const policyText = (text: string): string => `dynamic_batching { default_queue_policy { ${text} } }`;
  const limited = 'default_timeout_microseconds: 50000';

  test('of the model ends the wait, and not the answer: that is the client’s deadline', () => {
    for (const given of [infinity, 1070, 1020]) {
      const { startByMs, refusedLate, deadlineMs } = terms(policyText(limited), { deadlineMs: given });
      assert.deepEqual([startByMs, refusedLate, deadlineMs], [1050, true, given]);
    }
  });

  test('of a request counts where the model says nothing', () => {
    const { startByMs, refusedLate, deadlineMs } = terms('', { timeoutMs: 30 });
    assert.deepEqual([startByMs, refusedLate, deadlineMs], [1030, true, infinity]);
  });

  test('of a request counts where the model allows it, and only to shorten', () => {
    const [fixed, open] = [policyText(limited), policyText(`${limited} allow_timeout_override: true`)];
    const deadlines = (config: string): number[] => [30, 80].map((timeoutMs) => terms(config, { timeoutMs }).startByMs);
    assert.deepEqual(
      [deadlines(fixed), deadlines(open)],
      [
        [1050, 1050],
        [1030, 1050],
      ],
    );
    assert.equal(terms(policyText(''), { timeoutMs: 30 }).startByMs, infinity);
  });

  test('that delays is when the request should have left, and ends nothing', () => {
    const delaying = policyText(`${limited} timeout_action: DELAY`);
    const { deadlineMs, startByMs, refusedLate } = terms(delaying, { deadlineMs: 1070 });
    assert.deepEqual([deadlineMs, startByMs, refusedLate], [1070, 1050, false]);
    assert.equal(terms(policyText('timeout_action: DELAY')).startByMs, infinity);
  });
});

test('the objective is the model’s, whatever timeout it has', () => {
  const slo = 'parameters { key: "weft.slo_ms" value { string_value: "200" } }';
  const queue = (text: string): string => `dynamic_batching { default_queue_policy { ${text} } } ${slo}`;
  const limited = 'default_timeout_microseconds: 50000';
  assert.deepEqual(
    [slo, queue(limited), queue(`${limited} timeout_action: DELAY`)].map((config) => terms(config).objectiveMs),
    [200, 200, 200],
  );
});

test('the policy is the one that is named, and delay takes its settings from dynamic_batching', () => {
  const named = (name: string): string => `parameters { key: "weft.policy" value { string_value: "${name}" } }`;
  assert.deepEqual(
    [policy(named('adaptive')), policy(named('deferred')), policy(named('greedy')), policy('')],
    [adaptive, deferred, greedy, adaptive],
  );
  const profile = new LatencyProfile(8, []);
  const situation: Situation = {
    ...{
      nowMs: 100,
      waitingRows: 3,
      fitRows: 8,
      dueMs: 500,
      deadlineMs: 500,
      oldestSinceMs: 100,
      profile,
      instances: 1,
      rowsPerMs: 0,
    },
  };
  const delaying = policy('dynamic_batching { max_queue_delay_microseconds: 1500 preferred_batch_size: [4, 8] }');
  assert.deepEqual(delaying(situation), { waitUntilMs: 101.5 });
  assert.deepEqual(delaying({ ...situation, waitingRows: 5 }), { rows: 4, reason: 'target' });
});
