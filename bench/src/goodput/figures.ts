// What the goodput bench finds out, as it stands in bench/results.
import type { OverloadMemory } from './memory.ts';
import type { Point } from './point.ts';
import type { Strategy } from './strategy.ts';

export interface StrategyFigures {
  readonly strategy: string;
  /** The highest load with 99% in time, as a share of the raw capacity. */
  readonly sustained: number;
  /** The most that is answered in time at any load of the ladder, requests per second. */
  readonly peak: number;
  /** One point for each load that it was offered. */
  readonly ladder: readonly Point[];
}

export interface GoodputFigures {
  /** Requests per second. */
  readonly rawCapacity: number;
  readonly strategies: readonly StrategyFigures[];
  readonly routerMemory: OverloadMemory;
}

export function figuresNamed({ strategies }: GoodputFigures, { name }: Strategy): StrategyFigures {
  const found = strategies.find(({ strategy }) => strategy === name);
  if (found === undefined) throw new Error(`no figures of ${name}`);
  return found;
}

/** Undefined for a load that the strategy was not offered. */
export function pointAt({ ladder }: StrategyFigures, load: number): Point | undefined {
  return ladder.find((point) => point.load === load);
}

export function requirePoint(figures: StrategyFigures, load: number): Point {
  const found = pointAt(figures, load);
  if (found === undefined) throw new Error(`${figures.strategy} was not measured at load ${load}`);
  return found;
}
