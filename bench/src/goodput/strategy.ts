// What the goodput bench compares: where requests wait, and when a batch leaves.
import type { AuthoredModel } from '../scratch-folder.ts';
import { adaptiveModel, greedyModel } from './sleeping-model.ts';

export interface Strategy {
  readonly name: string;
  readonly model: AuthoredModel;
  /** Whom the client calls: the router, or the services themselves, each in turn. */
  readonly calls: 'router' | 'services';
}

export const weft: Strategy = { name: 'weft', model: adaptiveModel, calls: 'router' };
export const oneGreedy: Strategy = { name: 'one queue, greedy', model: greedyModel, calls: 'router' };
export const roundRobin: Strategy = { name: 'round robin', model: greedyModel, calls: 'services' };

export const strategies: readonly Strategy[] = [weft, roundRobin, oneGreedy];
