// What the goodput bench compares: where requests wait, and when a batch leaves.
import type { AuthoredModel } from '../scratch-folder.ts';
import { overload } from './plan.ts';
import { adaptiveModel, greedyModel } from './sleeping-model.ts';

export interface Strategy {
  readonly name: string;
  readonly model: AuthoredModel;
  /** Whom the client calls: the router, or the services themselves, each in turn. */
  readonly calls: 'router' | 'services';
  /** What it is offered at most, as a share of the raw capacity. */
  readonly mostLoad: number;
}

export const weft: Strategy = { name: 'weft', model: adaptiveModel, calls: 'router', mostLoad: overload };
export const oneGreedy: Strategy = {
  name: 'one queue, greedy',
  model: greedyModel,
  calls: 'router',
  mostLoad: overload,
};
/** Four services that refuse thousands of direct calls a second keep two cores so busy that a round of it would not be valid. */
export const roundRobin: Strategy = { name: 'round robin', model: greedyModel, calls: 'services', mostLoad: 1.5 };

export const strategies: readonly Strategy[] = [weft, roundRobin, oneGreedy];
