// The models of the goodput bench, one for each policy. What they do is sleeping-worker.ts.
import { identityModel } from '../overhead/identity-model.ts';
import type { AuthoredModel } from '../scratch-folder.ts';
import { heavyWorkload } from '../sim/workload.ts';

const sleepingModel = (policy: 'adaptive' | 'greedy'): AuthoredModel => ({
  ...identityModel,
  name: `sleep-${policy}`,
  maxBatchSize: heavyWorkload.maxRows,
  parameters: { 'weft.task': 'sleep', 'weft.policy': policy },
});

export const adaptiveModel = sleepingModel('adaptive');
export const greedyModel = sleepingModel('greedy');
