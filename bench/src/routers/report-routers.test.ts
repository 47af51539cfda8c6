import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeasuredTurn } from '../goodput/measured-turn.ts';
import type { Round } from '../goodput/round.ts';
import { quickPlan } from './plan.ts';
import { contendersOf, reportRouters } from './report-routers.ts';

const plan = { ...quickPlan, loads: [0.5, 3], turns: 1 };
const contenders = contendersOf(['a:1', 'b:1']);

function round(strategy: string, load: number, inTime: number): Round {
  return {
    ...{ strategy, load, offered: 1000, inTime, refused: 1000 - inTime, dropped: 0, late: 0, failed: 0 },
    ...{ latenciesMs: [90], rejectionsMs: [], clientLateMs: 1, cpuShare: 0.5, meanBatchRows: 8 },
    overrun: { p50: 0, p99: 0.01 },
  };
}

/** What each contender answers in time at both loads. */
function turns(inTime: readonly (readonly [number, number])[]): MeasuredTurn[] {
  return plan.loads.map((load, at) => ({
    load,
    rounds: contenders.map(({ name }, who) => round(name, load, inTime[who]?.[at] ?? 0)),
  }));
}

test('a request goes to the next address, to one of two routers three times in a row', () => {
  assert.deepEqual(
    contenders.map(({ addresses }) => addresses.join(' ')),
    ['a:1', 'a:1 b:1', 'a:1 a:1 a:1 b:1'],
  );
});

test('the load at which two routers look worst decides', () => {
  const { verdicts, invalid } = reportRouters(
    turns([
      [1000, 500],
      [990, 460],
      [1000, 440],
    ]),
    plan,
  );
  assert.deepEqual(
    verdicts.map(({ measured, met }) => [measured, met]),
    [
      ['0.92 at load 3', true],
      ['0.88 at load 3', false],
    ],
  );
  assert.deepEqual(invalid, []);
});
