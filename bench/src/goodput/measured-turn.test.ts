import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countingTurns, isValid, type MeasuredTurn, missingTurns } from './measured-turn.ts';
import type { Round } from './round.ts';

const turnOf = (load: number, ...cpuShares: readonly number[]): MeasuredTurn => ({
  load,
  rounds: cpuShares.map((cpuShare) => ({ load, cpuShare }) as Round),
});

test('one busy round spoils its turn', () => {
  assert.equal(isValid(turnOf(1, 0.3, 0.7)), true);
  assert.equal(isValid(turnOf(1, 0.3, 0.71)), false);
});

test('spoilt turns do not count where others do', () => {
  const [spoilt, good, lost] = [turnOf(1, 0.9), turnOf(1, 0.1), turnOf(2, 0.9)];
  assert.deepEqual(countingTurns([spoilt, good, lost]), [good, lost]);
});

test('a load whose turns were not measured again lacks them', () => {
  const turns = [turnOf(1, 0.9), turnOf(1, 0.1), turnOf(1, 0.1), turnOf(2, 0.9), turnOf(2, 0.1)];
  assert.deepEqual(missingTurns(turns, 2), ["at load 2 the machine's CPU was at most 70% busy in 1 turns of 2"]);
});
