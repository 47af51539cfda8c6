// The turns of a bench with sleeping models: at each load every contender has a round, and another one begins in each turn. The
// machine is not the same from one minute to the next: what is compared is measured right after each other.
import type { BenchOptions } from '../bench.ts';
import { isValid, type MeasuredTurn } from './measured-turn.ts';
import type { GoodputPlan } from './plan.ts';
import type { Round } from './round.ts';
import { type Contender, measureRound, type SleepingMesh } from './sleeping-mesh.ts';

export interface TurnsOptions {
  readonly plan: GoodputPlan;
  readonly contenders: readonly Contender[];
}

interface Turn {
  readonly load: number;
  readonly turn: number;
}

/** Warms up, then all turns; one in which the machine was too busy is measured again after all others, as long as some are spare. */
export async function measureTurns(
  mesh: SleepingMesh,
  { plan, contenders }: TurnsOptions,
  progress: BenchOptions['progress'],
): Promise<MeasuredTurn[]> {
  for (const contender of contenders) {
    progress(`warming up: ${contender.name}`);
    await measureRound(mesh, { contender, load: contender.mostLoad, seed: 0, settleMs: 0, countMs: plan.warmUpMs });
  }
  const turns: MeasuredTurn[] = [];
  const queue: Turn[] = Array.from({ length: plan.turns }, (_, turn) =>
    plan.loads.map((load) => ({ load, turn })),
  ).flat();
  let spare = plan.spareTurns;
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { load, turn } = next;
    const rounds: Round[] = [];
    const offered = contenders.filter(({ mostLoad }) => load <= mostLoad);
    for (const contender of inTurn(offered, turn))
      rounds.push(await measureRound(mesh, { contender, load, seed: seedOf(next), ...plan }));
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
function inTurn(all: readonly Contender[], turn: number): Contender[] {
  return all.map((_, at) => all[(at + turn) % all.length] as Contender);
}

/** All contenders meet the same arrivals. */
function seedOf({ load, turn }: Turn): number {
  return 1 + turn + Math.round(load * 100) * 100;
}

function describeRound({ strategy, inTime, offered, cpuShare }: Round): string {
  return `${strategy} ${((100 * inTime) / offered).toFixed(1)} % (CPU ${(100 * cpuShare).toFixed(0)} %)`;
}
