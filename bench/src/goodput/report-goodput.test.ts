import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heavyWorkload, rawCapacity } from '../sim/workload.ts';
import type { MeasuredTurn } from './measured-turn.ts';
import { quickPlan } from './plan.ts';
import { plotGoodput } from './plot-goodput.ts';
import { reportGoodput } from './report-goodput.ts';
import type { Round } from './round.ts';
import { oneGreedy, roundRobin, type Strategy, weft } from './strategy.ts';

const plan = { ...quickPlan, loads: [0.1, 0.5, 0.9, 3], turns: 1 };

/** A strategy that answers in time what is offered up to `capacity` and refuses the rest after `rejectionMs`. */
interface MadeUp {
  readonly strategy: Strategy;
  readonly capacity: number;
  readonly p50Ms: number;
  readonly rejectionMs: number;
}

function roundOf({ strategy, capacity, p50Ms, rejectionMs }: MadeUp, load: number, cpuShare: number): Round {
  const offered = Math.round(load * rawCapacity(heavyWorkload) * plan.countMs);
  const inTime = Math.round((offered * Math.min(load, capacity)) / load);
  return {
    strategy: strategy.name,
    load,
    offered,
    inTime,
    refused: offered - inTime,
    dropped: 0,
    late: 0,
    failed: 0,
    latenciesMs: new Array<number>(inTime).fill(p50Ms),
    rejectionsMs: new Array<number>(offered - inTime).fill(rejectionMs),
    clientLateMs: 1,
    cpuShare,
    meanBatchRows: 8,
    overrun: { p50: 0, p99: 0.01 },
    routerMb: { before: 100, after: 110 },
  };
}

const turnsOf = (all: readonly MadeUp[], cpuShare = 0.5): MeasuredTurn[] =>
  plan.loads.map((load) => ({
    load,
    rounds: all.filter(({ strategy }) => load <= strategy.mostLoad).map((one) => roundOf(one, load, cpuShare)),
  }));

const own: MadeUp = { strategy: weft, capacity: 0.9, p50Ms: 90, rejectionMs: 5 };
const greedy: MadeUp = { strategy: oneGreedy, capacity: 0.7, p50Ms: 90, rejectionMs: 60 };
const turns: MadeUp = { strategy: roundRobin, capacity: 0.5, p50Ms: 120, rejectionMs: 60 };

test('a scheduler that is what it should be meets every target', () => {
  const { verdicts, invalid } = reportGoodput(turnsOf([own, greedy, turns]), plan);
  assert.deepEqual(invalid, []);
  assert.deepEqual(
    verdicts.map(({ met }) => met),
    [true, true, true, true, true],
  );
});

test('each target is missed by what misses it', () => {
  const metBy = (changed: Partial<MadeUp>): boolean[] =>
    reportGoodput(turnsOf([{ ...own, ...changed }, greedy, turns]), plan).verdicts.map(({ met }) => met);
  assert.deepEqual(metBy({ capacity: 0.5 }), [false, true, true, true, true]);
  assert.deepEqual(metBy({ p50Ms: 100 }), [true, false, true, true, true]);
  assert.deepEqual(metBy({ rejectionMs: 50 }), [true, true, true, false, true]);
  const collapsing = turnsOf([own, greedy, turns]).map((turn) =>
    turn.load < 3 ? turn : { load: 3, rounds: [roundOf({ ...own, capacity: 0.7 }, 3, 0.5), ...turn.rounds.slice(1)] },
  );
  assert.deepEqual(
    reportGoodput(collapsing, plan).verdicts.map(({ met }) => met),
    [true, true, false, true, true],
  );
});

test('memory that grows from the first to the last round under overload is seen', () => {
  const growing = turnsOf([own, greedy, turns]).map(({ load, rounds }) => ({
    load,
    rounds: rounds.map((round) => ({ ...round, routerMb: { before: 100, after: 140 } })),
  }));
  assert.deepEqual(reportGoodput(growing, plan).verdicts.at(-1)?.measured, '40 MB');
});

test('a run on a busy machine does not count', () => {
  assert.equal(reportGoodput(turnsOf([own, greedy, turns], 0.8), plan).invalid.length, plan.loads.length);
});

test('the picture can be drawn from the figures as they are kept', () => {
  const { figures } = reportGoodput(turnsOf([own, greedy, turns]), plan);
  assert.deepEqual(plotGoodput(JSON.parse(JSON.stringify(figures))), plotGoodput(figures));
});
