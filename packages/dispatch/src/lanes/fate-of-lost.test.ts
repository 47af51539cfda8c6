import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fateOf, type Loss } from './fate-of-lost.ts';
import type { PendingCall } from './pending-call.ts';
import { pendingCall } from '../testing/pending-calls.ts';

const infinity = Number.POSITIVE_INFINITY;

/** What is lost at 100 with calls that need 10 ms alone. */
function lose(calls: readonly PendingCall[], more: Partial<Loss> = {}) {
  return fateOf({ calls, alone: calls.length === 1, crashed: false, nowMs: 100, aloneMs: 10, ...more });
}

function due(...deadlinesMs: readonly number[]): PendingCall[] {
  return deadlinesMs.map((deadlineMs) => pendingCall({ deadlineMs }));
}

const alone = (calls: readonly PendingCall[]): boolean[] => calls.map(({ company }) => company.alone);
const keys = (calls: readonly PendingCall[]): string[] => calls.map(({ company }) => company.key);

test('whoever can afford it travels alone from then on: half of its time is enough for all of them, one after the other', () => {
  // Three calls of 10 ms, twice.
  const calls = due(160, 159.9, infinity);
  const { culprits, again } = lose(calls);
  assert.deepEqual([culprits, again], [[], calls]);
  assert.deepEqual(alone(calls), [true, false, true]);
});

test('those whose time does not suffice travel together once more, and with nobody else', () => {
  const [calls, others] = [due(110, 110), due(110, 110)];
  lose(calls);
  lose(others);
  assert.equal(new Set(keys(calls)).size, 1);
  assert.equal(new Set(keys([...calls, ...others])).size, 2);
  assert.ok(!keys(calls).includes('/a.B/C'));
});

test('after a second loss they are alone, and not yet guilty', () => {
  const calls = due(110, 110);
  lose(calls);
  const { culprits, again } = lose(calls);
  assert.deepEqual([culprits, again, alone(calls)], [[], calls, [true, true]]);
});

test('whoever was alone when a second replica was lost is the cause', () => {
  const [call] = due(infinity) as [PendingCall];
  assert.deepEqual(lose([call]).culprits, []);
  assert.deepEqual(lose([call]), { culprits: [call], again: [] });
});

test('a first loss makes nobody guilty, whoever was alone', () => {
  const [call] = due(infinity) as [PendingCall];
  assert.deepEqual(lose([call], { crashed: true }), { culprits: [], again: [call] });
});

test('who was alone after two losses together is guilty at the third', () => {
  const calls = due(110, 110);
  lose(calls);
  lose(calls);
  const [first] = calls as [PendingCall, PendingCall];
  assert.deepEqual(lose([first]), { culprits: [first], again: [] });
});

test('when an instance crashed all travel alone at once, whatever their time', () => {
  const calls = due(101, 110, infinity);
  lose(calls, { crashed: true });
  assert.deepEqual(alone(calls), [true, true, true]);
});

test('whoever travelled with others that answered is not alone', () => {
  const [call] = due(infinity) as [PendingCall];
  lose([call], { alone: false });
  assert.deepEqual(lose([call], { alone: false }), { culprits: [], again: [call] });
});

test('methods stay apart, and a replica that was avoided is not any more', () => {
  const [one, other] = [pendingCall({ method: '/a.B/One' }), pendingCall({ method: '/a.B/Other' })];
  one.company = { ...one.company, avoid: {} };
  lose([one, other], { crashed: true });
  assert.notEqual(one.company.key, other.company.key);
  assert.deepEqual([one.company.avoid, one.company.method], [undefined, '/a.B/One']);
});

test('everybody is sent again or guilty, and nobody guilty without two losses', () => {
  const histories = fc.array(fc.record({ together: fc.integer({ min: 1, max: 4 }), crashed: fc.boolean() }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(
      histories,
      fc.array(fc.integer({ min: 90, max: 500 }), { minLength: 4, maxLength: 4 }),
      (list, times) => {
        let calls = due(...times);
        for (const { together, crashed } of list) {
          const lost = calls.slice(0, together);
          const { culprits, again } = lose(lost, { crashed });
          assert.deepEqual(new Set([...culprits, ...again]), new Set(lost));
          assert.equal(culprits.length + again.length, lost.length);
          for (const culprit of culprits) assert.ok(culprit.losses >= 2 && lost.length === 1);
          for (const pending of again) assert.ok(pending.losses < 2 || pending.company.alone);
          calls = calls.filter((pending) => !culprits.includes(pending));
        }
      },
    ),
  );
});
