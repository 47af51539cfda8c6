import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeAnswers, judgeBatches } from './round.ts';

const answers = (...all: readonly (readonly [code: number, ms: number])[]) => ({
  codes: Uint8Array.from(all, ([code]) => code),
  answeredMs: Float64Array.from(all, ([, ms]) => ms),
});

test('every request has one fate', () => {
  const judged = judgeAnswers(
    answers([0, 80], [0, 300], [0, 300.5], [8, 2], [4, 70], [4, 299.5], [4, 301], [14, 1], [14, 2]),
    300,
  );
  const { offered, inTime, refused, dropped, late, failed } = judged;
  assert.deepEqual(
    { offered, inTime, refused, dropped, late, failed },
    { offered: 9, inTime: 2, refused: 1, dropped: 1, late: 3, failed: 2 },
  );
  assert.deepEqual(judged.latenciesMs, [80, 300]);
  assert.deepEqual(judged.rejectionsMs, [2, 70]);
});

test('batches tell their mean size and how much longer than expected they took', () => {
  const { meanBatchRows, overrun } = judgeBatches(
    [
      { rows: 1, ms: 11 },
      { rows: 3, ms: 30 },
    ],
    (rows) => rows * 10,
  );
  assert.equal(meanBatchRows, 2);
  assert.ok(Math.abs(overrun.p50 - 0.05) < 1e-9);
});
