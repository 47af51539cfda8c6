// What several routers cost that share replicas: the services, the models and the load of the bench goodput, once through one
// router, and once through two, which know nothing of each other, with equal parts of the requests and with unequal ones.
import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import { createChildGroup } from '../child-group.ts';
import { measureTurns } from '../goodput/measure-turns.ts';
import { startSleepingMesh } from '../goodput/sleeping-mesh.ts';
import { adaptiveModel } from '../goodput/sleeping-model.ts';
import { createScratchFolder } from '../scratch-folder.ts';
import { fullPlan, quickPlan } from './plan.ts';
import { contendersOf, reportRouters } from './report-routers.ts';

export const routersBench: Bench = {
  name: 'routers',
  about: 'what is answered in time through two routers that share four replicas, against one router',
  run: runRouters,
};

async function runRouters({ progress, profileDirectory, quick }: BenchOptions): Promise<BenchReport> {
  const plan = quick ? quickPlan : fullPlan;
  const folder = await createScratchFolder([adaptiveModel]);
  const children = createChildGroup(profileDirectory);
  try {
    progress('starting four services, two routers and a client');
    const mesh = await startSleepingMesh(children, { folder, routers: 2 });
    const contenders = contendersOf(mesh.routerAddresses);
    return reportRouters(await measureTurns(mesh, { plan, contenders }, progress), plan);
  } finally {
    await children.stop();
    await folder.remove();
  }
}
