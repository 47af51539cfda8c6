// How long the goodput bench measures what. In a turn every strategy has a round at one load.
export interface GoodputPlan {
  /** Shares of the raw capacity. */
  readonly loads: readonly number[];
  /** Turns at each load. */
  readonly turns: number;
  /** Turns that may be measured again because the machine was busy. */
  readonly spareTurns: number;
  readonly settleMs: number;
  readonly countMs: number;
  /** Under overload, with every strategy, before the first turn. */
  readonly warmUpMs: number;
}

export const lowLoad = 0.1;
export const overload = 3;

export const fullPlan: GoodputPlan = {
  loads: [lowLoad, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1, 1.5, overload],
  turns: 5,
  spareTurns: 4,
  settleMs: 500,
  countMs: 1700,
  warmUpMs: 3000,
};

/** To see that everything works. */
export const quickPlan: GoodputPlan = {
  loads: [lowLoad, 0.5, 0.8, overload],
  turns: 2,
  spareTurns: 1,
  settleMs: 400,
  countMs: 1000,
  warmUpMs: 1000,
};
