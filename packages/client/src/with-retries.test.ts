import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, errorCodes, WeftError } from '@weft/errors';
import { retryWaitMs, withRetries } from './with-retries.ts';

const retry = { maxRetries: 3, initialBackoffMs: 100, maxBackoffMs: 250 };
const unavailable = new WeftError('UNAVAILABLE', 'draining');

/** A clock that a sleep moves at once, and a record of the sleeps. */
function fakeTime() {
  const sleeps: number[] = [];
  let now = 0;
  return {
    sleeps,
    now: () => now,
    random: () => 1,
    async sleep(ms: number) {
      sleeps.push(ms);
      now += ms;
    },
  };
}

function context(surroundings = fakeTime(), deadline = 60_000, signal = new AbortController().signal) {
  return { retry, deadline, signal, surroundings };
}

test('only UNAVAILABLE is tried again', () => {
  const tried = (Object.keys(errorCodes) as ErrorCode[]).filter(
    (code) => retryWaitMs(new WeftError(code, ''), 0, context()) !== undefined,
  );
  assert.deepEqual(tried, ['UNAVAILABLE']);
});

test('the backoff doubles up to its maximum, and half of it is chance', () => {
  const waits = (random: number) =>
    [0, 1, 2].map((retries) => retryWaitMs(unavailable, retries, { retry, surroundings: { random: () => random } }));
  assert.deepEqual(waits(0), [50, 100, 125]);
  assert.deepEqual(waits(1), [100, 200, 250]);
});

test('a call is tried as often as the bound allows, then its last error stands', async () => {
  const surroundings = fakeTime();
  let attempts = 0;
  const outcome = withRetries(async () => {
    attempts++;
    throw new WeftError('UNAVAILABLE', `attempt ${attempts}`);
  }, context(surroundings));
  await assert.rejects(outcome, { code: 'UNAVAILABLE', message: 'attempt 4' });
  assert.deepEqual(surroundings.sleeps, [100, 200, 250]);
});

test('a retry that succeeds hides the failure', async () => {
  let attempts = 0;
  const outcome = await withRetries(async () => {
    if (++attempts < 3) throw unavailable;
    return 'answer';
  }, context());
  assert.equal(outcome, 'answer');
});

test('the pushback of the server takes the place of the backoff', () => {
  const after = (retryAfterMs: number) => retryWaitMs(new WeftError('UNAVAILABLE', '', { retryAfterMs }), 0, context());
  assert.equal(after(700), 700);
  assert.equal(after(0), 0);
  assert.equal(after(-1), undefined);
});

test('no wait outlasts the deadline: the failure is told at once', async () => {
  const surroundings = fakeTime();
  const outcome = withRetries(() => Promise.reject(unavailable), context(surroundings, 150));
  await assert.rejects(outcome, unavailable);
  assert.deepEqual(surroundings.sleeps, [100]);
});

test('a call cancelled while its attempt fails is not tried again', async () => {
  const controller = new AbortController();
  const surroundings = fakeTime();
  const outcome = withRetries(
    () => {
      controller.abort('changed my mind');
      return Promise.reject(unavailable);
    },
    context(surroundings, 60_000, controller.signal),
  );
  await assert.rejects(outcome, { code: 'CANCELLED', cause: 'changed my mind' });
  assert.deepEqual(surroundings.sleeps, []);
});

test('cancelling ends the wait between two attempts', async () => {
  const controller = new AbortController();
  let attempts = 0;
  const surroundings = {
    ...fakeTime(),
    sleep: (_ms: number, signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        controller.abort();
      }),
  };
  const outcome = withRetries(
    () => {
      attempts++;
      return Promise.reject(unavailable);
    },
    { ...context(), signal: controller.signal, surroundings },
  );
  await assert.rejects(outcome, { code: 'CANCELLED' });
  assert.equal(attempts, 1);
});
