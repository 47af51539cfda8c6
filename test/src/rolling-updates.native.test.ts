// Replicas and routers that come and go while an SDK client calls on, as in a rolling update: no call fails. The whole of it, with
// kills and in network namespaces, is `npm run test:network`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failuresOf, tell } from './network/load-line.ts';
import { openLoopback } from './network/loopback.ts';
import { rollsEverything, shrinksToOne, spreadsToNewReplicas } from './network/network-checks.ts';
import { RollingMesh } from './network/rolling-mesh.ts';

const model = { startMs: 20, rowMs: 2, maxRows: 8 };

// Only on Linux are all of 127.0.0.0/8 this machine.
const skip = process.platform !== 'linux';

test('no call fails while replicas are added, removed and replaced, and routers replaced', { skip }, async (t) => {
  const network = await openLoopback();
  const mesh = new RollingMesh(network);
  t.after(async () => {
    await mesh.close();
    await network.close();
  });
  await mesh.prepare(model);
  for (const kind of ['replica', 'router'] as const) await Promise.all([mesh.add(kind), mesh.add(kind)]);
  const load = await mesh.load({ perSecond: 20 });
  await load.goesOn(500);
  // The job promises 5 s; here others may keep the machine busy.
  const loaded = { mesh, load, spreadWithinMs: 20_000, lookMs: 1_500 };
  t.diagnostic(`from 2 to 4: ${await spreadsToNewReplicas(loaded, 2)}`);
  t.diagnostic(`from 4 to 1: ${await shrinksToOne(loaded)}`);
  t.diagnostic(`from 1 to 2: ${await spreadsToNewReplicas(loaded, 1)}`);
  t.diagnostic(`replaced: ${await rollsEverything(loaded)}`);
  const calls = await load.stop();
  t.diagnostic(`all: ${tell(calls)}`);
  assert.deepEqual(failuresOf(calls), []);
});
