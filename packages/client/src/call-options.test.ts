import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadlineOf } from './call-options.ts';

test('without options the default timeout counts', () => {
  assert.equal(deadlineOf({}, 60_000, 1_000), 61_000);
});

test('a deadline may lie beyond the default timeout', () => {
  assert.equal(deadlineOf({ deadline: new Date(500_000) }, 60_000, 1_000), 500_000);
});

test('of timeout and deadline the earlier counts', () => {
  assert.equal(deadlineOf({ timeoutMs: 10, deadline: new Date(5_000) }, 60_000, 1_000), 1_010);
  assert.equal(deadlineOf({ timeoutMs: 10_000, deadline: new Date(5_000) }, 60_000, 1_000), 5_000);
});

for (const timeoutMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`a timeout of ${timeoutMs} is refused`, () => {
    assert.throws(() => deadlineOf({ timeoutMs }, 60_000, 0), { code: 'INVALID_ARGUMENT' });
  });
}

test('a deadline that is no date is refused', () => {
  assert.throws(() => deadlineOf({ deadline: new Date('soon') }, 60_000, 0), { code: 'INVALID_ARGUMENT' });
});
