import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OverdueLimit } from './overdue-limit.ts';

const planned = { expectedMs: 205, known: true, marginMs: 2 };
const minuteMs = 60_000;

describe('a batch may take', () => {
  test('eight times what is planned, and two seconds at least', () => {
    const limit = new OverdueLimit();
    assert.deepEqual(
      [10, 205, 1000].map((expectedMs) => limit.limitMs({ ...planned, expectedMs }, 0)),
      [2000, 2000, 8002],
    );
  });

  test('ten seconds while its time is a guess', () => {
    assert.equal(new OverdueLimit().limitMs({ ...planned, known: false }, 0), 10_000);
  });

  test('eight times as long as the slowest answer lately, which is forgotten by half in a minute', () => {
    const limit = new OverdueLimit();
    limit.learn(1600, 2000, 0);
    limit.learn(205, 2000, 0);
    assert.deepEqual(
      [0, 1, 2, 9].map((minutes) => limit.limitMs(planned, minutes * minuteMs)),
      [12_802, 6402, 3202, 2000],
    );
    limit.learn(1000, 3202, 2 * minuteMs);
    assert.equal(limit.limitMs(planned, 2 * minuteMs), 8002);
  });

  test('no longer for one pause than for an answer just in time', () => {
    const limit = new OverdueLimit();
    limit.learn(50_000, 2000, 0);
    assert.equal(limit.limitMs(planned, 0), 16_002);
  });
});
