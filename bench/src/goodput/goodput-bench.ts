// What is answered in time, with real processes: sleeping models, the router with its scheduler, and what people put in its
// place, under the same open-loop load from far below the capacity to three times it. All in turns, since the machine is not
// the same from one minute to the next: at each load every strategy has a round, and begins in another turn.
import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import { createChildGroup } from '../child-group.ts';
import { createScratchFolder } from '../scratch-folder.ts';
import { measureTurns } from './measure-turns.ts';
import { fullPlan, quickPlan } from './plan.ts';
import { plotGoodput } from './plot-goodput.ts';
import { reportGoodput } from './report-goodput.ts';
import { startSleepingMesh } from './sleeping-mesh.ts';
import { adaptiveModel, greedyModel } from './sleeping-model.ts';
import { strategies } from './strategy.ts';

export const goodputBench: Bench = {
  name: 'goodput',
  about: 'what is answered in time under open-loop load: weft, one greedy queue, and round robin, with sleeping models',
  run: runGoodput,
  plot: plotGoodput,
};

async function runGoodput({ progress, profileDirectory, quick }: BenchOptions): Promise<BenchReport> {
  const plan = quick ? quickPlan : fullPlan;
  const folder = await createScratchFolder([adaptiveModel, greedyModel]);
  const children = createChildGroup(profileDirectory);
  try {
    progress('starting four services, a router and a client');
    const mesh = await startSleepingMesh(children, { folder, routers: 1 });
    const { routerAddresses, serviceAddresses } = mesh;
    const contenders = strategies.map((strategy) => ({
      ...strategy,
      addresses: strategy.calls === 'router' ? routerAddresses : serviceAddresses,
    }));
    return reportGoodput(await measureTurns(mesh, { plan, contenders }, progress), plan);
  } finally {
    await children.stop();
    await folder.remove();
  }
}
