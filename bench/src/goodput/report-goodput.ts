// From the turns of the goodput bench to its figures and verdicts.
import type { BenchReport, Verdict } from '../bench.ts';
import { heavyWorkload, rawCapacity } from '../sim/workload.ts';
import { rounded } from '../statistics.ts';
import { figuresNamed, type GoodputFigures, requirePoint, type StrategyFigures } from './figures.ts';
import { countingTurns, type MeasuredTurn, missingTurns } from './measured-turn.ts';
import { memoryUnderOverload } from './memory.ts';
import { type GoodputPlan, lowLoad, overload } from './plan.ts';
import { summarizePoint, sustainedLoad } from './point.ts';
import type { Round } from './round.ts';
import { oneGreedy, roundRobin, type Strategy, strategies, weft } from './strategy.ts';
import { ladderTable, roundTable, strategyTable } from './tables.ts';

export function reportGoodput(turns: readonly MeasuredTurn[], plan: GoodputPlan): BenchReport {
  const rounds = countingTurns(turns).flatMap((turn) => turn.rounds);
  const figures: GoodputFigures = {
    rawCapacity: rounded(rawCapacity(heavyWorkload) * 1000),
    strategies: strategies.map((strategy) => figuresOf(strategy, rounds, plan)),
    routerMemory: memoryUnderOverload(rounds),
  };
  return {
    figures: { workload: heavyWorkload, plan, turns: turns.length, ...figures },
    tables: [strategyTable(figures), ladderTable(figures), roundTable(figures)],
    verdicts: verdictsOf(figures),
    invalid: missingTurns(turns, plan.turns),
  };
}

function figuresOf(
  { name, mostLoad }: Strategy,
  rounds: readonly Round[],
  { loads, countMs }: GoodputPlan,
): StrategyFigures {
  const ladder = loads
    .filter((load) => load <= mostLoad)
    .map((load) =>
      summarizePoint(
        rounds.filter((round) => round.strategy === name && round.load === load),
        countMs,
      ),
    );
  const peak = Math.max(...ladder.map(({ goodput }) => goodput.median));
  return { strategy: name, sustained: rounded(sustainedLoad(ladder)), peak, ladder };
}

/** What a process' memory goes up and down by, garbage collector and all. */
const flatMb = 32;

function verdictsOf(figures: GoodputFigures): Verdict[] {
  const own = figuresNamed(figures, weft);
  const atOverload = requirePoint(own, overload);
  const p50Of = (strategy: Strategy): number => requirePoint(figuresNamed(figures, strategy), lowLoad).p50Ms;
  const sustained = own.sustained / figuresNamed(figures, roundRobin).sustained;
  const latency = p50Of(weft) / p50Of(oneGreedy);
  const kept = atOverload.goodput.median / own.peak;
  const rejectedMs = atOverload.rejections?.p99Ms;
  const { growthMb } = figures.routerMemory;
  const verdict = (target: string, measured: string, met: boolean): Verdict => ({ target, measured, met });
  return [
    verdict('load sustained ÷ that of round robin: at least 1.25', sustained.toFixed(2), sustained >= 1.25),
    verdict('p50 at 10% load ÷ that of one greedy queue: at most 1.1', latency.toFixed(2), latency <= 1.1),
    verdict('in time at three times the raw capacity ÷ its own peak: at least 0.85', kept.toFixed(2), kept >= 0.85),
    verdict(
      'a rejection at three times the raw capacity is answered within 50 ms at p99',
      rejectedMs === undefined ? 'none was' : `${rejectedMs.toFixed(0)} ms`,
      rejectedMs !== undefined && rejectedMs < 50,
    ),
    verdict(
      `memory of the router over all rounds at three times the raw capacity: grows by at most ${flatMb} MB`,
      `${growthMb} MB`,
      growthMb <= flatMb,
    ),
  ];
}
