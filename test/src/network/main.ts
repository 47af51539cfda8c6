// `npm run test:network`: a mesh of processes in network namespaces, whose replicas and routers come, go and die under load. Runs
// inside the namespaces that scripts/test-network.mjs makes.
import { openNamespaces } from './namespaces.ts';
import {
  cutsReplicaOff,
  cutsRouterOff,
  type LoadedMesh,
  losesReplica,
  losesRouter,
  rollsEverything,
  rollsOnlyReplica,
  shrinksToOne,
  spreadsToNewReplicas,
} from './network-checks.ts';
import { RollingMesh } from './rolling-mesh.ts';
import { type SdkCall, tell } from './load-line.ts';

/** One replica answers 130 rows a second. */
const model = { startMs: 20, rowMs: 2, maxRows: 8 };
const perSecond = 32;

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
    const loyal = await mesh.load({ perSecond: perSecond / 4, balanced: false });
    const loaded: LoadedMesh = { mesh, load, spreadWithinMs: 5_000, lookMs: 3_000 };
    await Promise.all([load, bare, loyal].map((one) => one.goesOn(2_000)));
    await check('load spreads from 2 to 6 replicas within 5 s', () => spreadsToNewReplicas(loaded, 4));
    await check('5 of 6 replicas end at once, and no call fails', () => shrinksToOne(loaded));
    await check('the only replica is replaced, and no call fails', () => rollsOnlyReplica(loaded));
    await check('load spreads from 1 to 3 replicas within 5 s', () => spreadsToNewReplicas(loaded, 2));
    await check('every process is replaced, one at a time, and no call fails', () => rollsEverything(loaded));
    const [bareUntil, loyalUntil] = [bare.calls.length, loyal.calls.length];
    await check('a replica is killed, and no call fails', () => losesReplica(loaded));
    await check('a router is killed, and no call fails', () => losesRouter(loaded));
    await check('a replica is cut off, and no call fails', () => cutsReplicaOff(loaded));
    await check('a router is cut off, and no call fails', () => cutsRouterOff(loaded));
    console.log(`     all: ${tell(await load.stop())}`);
    tellOf('a client that never tries again', await bare.stop(), bareUntil);
    tellOf('a client that holds to one router', await loyal.stop(), loyalUntil);
  } finally {
    await mesh.close();
    await network.close();
  }
  const failed = results.filter((held) => !held).length;
  console.log(`${results.length - failed} of ${results.length} checks hold`);
  return failed === 0 ? 0 : 1;
}

/** What another client met, before processes were killed and after. */
function tellOf(who: string, calls: readonly SdkCall[], until: number): void {
  console.log(`     ${who}, until the kills: ${tell(calls.slice(0, until))}`);
  console.log(`     and after them: ${tell(calls.slice(until))}`);
}
