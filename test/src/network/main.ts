// `npm run test:network`: a mesh of processes in network namespaces, whose replicas and routers come, go and die under load. Runs
// inside the namespaces that scripts/test-network.mjs makes.
import { openNamespaces } from './namespaces.ts';
import {
  type LoadedMesh,
  losesReplica,
  losesRouter,
  rollsEverything,
  shrinksToOne,
  spreadsToNewReplicas,
} from './network-checks.ts';
import { RollingMesh } from './rolling-mesh.ts';
import { tell } from './load-line.ts';

/** One replica answers 130 rows a second. */
const model = { startMs: 20, rowMs: 2, maxRows: 8 };
const perSecond = 60;

/** Exit code 0 when every check holds, 1 otherwise. */
export async function main(): Promise<number> {
  const network = await openNamespaces();
  const mesh = new RollingMesh(network);
  const results: boolean[] = [];
  const check = async (fact: string, figures: () => Promise<string>): Promise<void> => {
    const [holds, line] = await figures().then(
      (line) => [true, line] as const,
      (error: unknown) => [false, (error as Error).message] as const,
    );
    results.push(holds);
    console.log(`${holds ? 'ok  ' : 'FAIL'} ${fact}\n     ${line}`);
  };
  try {
    await mesh.prepare(model);
    for (const kind of ['replica', 'router'] as const) await Promise.all([mesh.add(kind), mesh.add(kind)]);
    const load = await mesh.load({ perSecond });
    const bare = await mesh.load({ perSecond: perSecond / 4, retries: 0 });
    const loaded: LoadedMesh = { mesh, load, lookMs: 4_000 };
    await Promise.all([load.goesOn(2_000), bare.goesOn(2_000)]);
    await check('load spreads from 2 to 6 replicas within 5 s', () => spreadsToNewReplicas(loaded, 4));
    await check('5 of 6 replicas end at once, and no call fails', () => shrinksToOne(loaded));
    await check('back to 3 replicas', () => spreadsToNewReplicas(loaded, 2));
    await check('every process is replaced, one at a time, and no call fails', () => rollsEverything(loaded));
    const untilKills = bare.calls.length;
    await check('a replica is killed, and no call fails', () => losesReplica(loaded));
    await check('a router is killed, and no call fails', () => losesRouter(loaded));
    console.log(`     all: ${tell(await load.stop())}`);
    const without = await bare.stop();
    console.log(`     a client that never tries again, until the kills: ${tell(without.slice(0, untilKills))}`);
    console.log(`     and after them: ${tell(without.slice(untilKills))}`);
  } finally {
    await mesh.close();
    await network.close();
  }
  const failed = results.filter((held) => !held).length;
  console.log(`${results.length - failed} of ${results.length} checks hold`);
  return failed === 0 ? 0 : 1;
}
