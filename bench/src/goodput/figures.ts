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
  /** One point for each load. */
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

export function pointAt({ ladder, strategy }: StrategyFigures, load: number): Point {
  const found = ladder.find((point) => point.load === load);
  if (found === undefined) throw new Error(`${strategy} was not measured at load ${load}`);
  return found;
}
