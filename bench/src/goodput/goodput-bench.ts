// What is answered in time, with real processes: sleeping models, the router with its scheduler, and what people put in its
// place, under the same open-loop load from far below the capacity to three times it. All in turns, since the machine is not
// the same from one minute to the next: at each load every strategy has a round, and begins in another turn.
import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import { createChildGroup } from '../child-group.ts';
import { createScratchFolder } from '../scratch-folder.ts';
import { isValid, type MeasuredTurn } from './measured-turn.ts';
import { fullPlan, type GoodputPlan, quickPlan } from './plan.ts';
import { plotGoodput } from './plot-goodput.ts';
import { reportGoodput } from './report-goodput.ts';
import type { Round } from './round.ts';
import { measureRound, type SleepingMesh, startSleepingMesh } from './sleeping-mesh.ts';
import { adaptiveModel, greedyModel } from './sleeping-model.ts';
import { type Strategy, strategies } from './strategy.ts';

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
    const mesh = await startSleepingMesh(children, folder);
    for (const strategy of strategies) {
      progress(`warming up: ${strategy.name}`);
      await measureRound(mesh, { strategy, load: strategy.mostLoad, seed: 0, settleMs: 0, countMs: plan.warmUpMs });
    }
    return reportGoodput(await measureTurns(mesh, plan, progress), plan);
  } finally {
    await children.stop();
    await folder.remove();
  }
}

interface Turn {
  readonly load: number;
  readonly turn: number;
}

/** All turns; one in which the machine was too busy is measured again after all others, as long as some are spare. */
async function measureTurns(
  mesh: SleepingMesh,
  plan: GoodputPlan,
  progress: BenchOptions['progress'],
): Promise<MeasuredTurn[]> {
  const turns: MeasuredTurn[] = [];
  const queue: Turn[] = Array.from({ length: plan.turns }, (_, turn) =>
    plan.loads.map((load) => ({ load, turn })),
  ).flat();
  let spare = plan.spareTurns;
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { load, turn } = next;
    const rounds: Round[] = [];
    const offered = strategies.filter(({ mostLoad }) => load <= mostLoad);
    for (const strategy of inTurn(offered, turn))
      rounds.push(await measureRound(mesh, { strategy, load, seed: seedOf(next), ...plan }));
    turns.push({ load, rounds });
    progress(`turn ${turn + 1} of ${plan.turns}, load ${load}: ${rounds.map(describeRound).join(', ')}`);
    if (isValid({ load, rounds })) continue;
    progress(spare > 0 ? 'the machine was busy: once more later' : 'the machine was busy');
    if (spare > 0) queue.push(next);
    spare -= 1;
  }
  return turns;
}

/** All of them, beginning with another one in each turn. */
function inTurn(all: readonly Strategy[], turn: number): Strategy[] {
  return all.map((_, at) => all[(at + turn) % all.length] as Strategy);
}

/** All strategies meet the same arrivals. */
function seedOf({ load, turn }: Turn): number {
  return 1 + turn + Math.round(load * 100) * 100;
}

function describeRound({ strategy, inTime, offered, cpuShare }: Round): string {
  return `${strategy} ${((100 * inTime) / offered).toFixed(1)} % (CPU ${(100 * cpuShare).toFixed(0)} %)`;
}
