// How long the routers bench measures what: see the plan of the bench goodput.
import { type GoodputPlan, overload } from '../goodput/plan.ts';

export const fullPlan: GoodputPlan = {
  loads: [0.3, 0.6, 0.8, 0.9, 1.5, overload],
  turns: 5,
  spareTurns: 4,
  settleMs: 500,
  countMs: 1700,
  warmUpMs: 3000,
};

/** To see that everything works. */
export const quickPlan: GoodputPlan = {
  loads: [0.5, 0.8, overload],
  turns: 2,
  spareTurns: 1,
  settleMs: 400,
  countMs: 1000,
  warmUpMs: 1000,
};
