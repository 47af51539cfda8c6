import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarizePoint, sustainedLoad } from './point.ts';
import type { Round } from './round.ts';

const none = { refused: 0, dropped: 0, late: 0, failed: 0 };
const ladder = (...steps: readonly (readonly [load: number, inTime: number])[]) =>
  steps.map(([load, inTime]) => ({ load, shares: { ...none, inTime } }));

test('what is sustained lies between the last step that holds and the first that does not', () => {
  const sustained = sustainedLoad(ladder([0.5, 1], [0.6, 0.995], [0.7, 0.985], [3, 0.2]));
  assert.ok(Math.abs(sustained - 0.65) < 1e-9, `${sustained}`);
});

test('a step that holds again behind one that does not is no proof', () => {
  assert.equal(sustainedLoad(ladder([0.5, 0.99], [0.6, 0.9], [0.7, 1])), 0.5);
});

test('the ladder ends what can be told', () => {
  assert.equal(sustainedLoad(ladder([0.5, 1], [0.6, 1])), 0.6);
  assert.equal(sustainedLoad(ladder([0.5, 0.5], [0.6, 1])), 0);
});

const round: Round = {
  ...none,
  strategy: 'weft',
  load: 0.5,
  offered: 4,
  inTime: 3,
  latenciesMs: [80, 90, 100],
  rejectionsMs: [5],
  clientLateMs: 1,
  cpuShare: 0.3,
  meanBatchRows: 2,
  overrun: { p50: 0, p99: 0 },
};

test('a round that went badly does not move the medians', () => {
  const bad = { ...round, inTime: 0, refused: 4, latenciesMs: [], rejectionsMs: [1, 1, 1, 1] };
  const point = summarizePoint([round, bad, round], 2000);
  assert.deepEqual(point.goodput, { median: 1.5, least: 0, most: 1.5 });
  assert.equal(point.shares.inTime, 0.75);
  assert.equal(point.rejections?.p50Ms, 1);
});
