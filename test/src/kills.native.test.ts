// Replicas that are killed while they work: what they had is answered by others, as far as there is time, and a request that
// kills whoever works on it is found out, alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answeredOk, latencies, outcomes, watchMachine } from './testing/load-figures.ts';
import { inferPath } from './testing/infer-request.ts';
import { type LoadedCall, startLoad, wallMs } from './testing/open-load.ts';
import { type SleepingMesh, startSleepingMesh } from './testing/sleeping-mesh.ts';
import { capacity, modelParameter, type SleepingModel, sleepMs, sleepRequest } from './testing/sleeping-model.ts';
import { poison } from './testing/sleeping-values.ts';

const model: SleepingModel = { startMs: 120, rowMs: 20, maxRows: 8 };
/** A minute of kills instead of a quarter. */
const long = process.env['WEFT_LONG_TESTS'] === '1';
const kills = long ? 10 : 3;
const betweenMs = long ? 6000 : 4500;

interface Kill {
  readonly killedMs: number;
  readonly detectionMs: number;
}

/** What a call has to have left: from a kill on, if it was in the mesh then, or else from the beginning. */
function hadTime({ dueMs, deadlineMs, answeredMs, withheldMs }: LoadedCall, killed: readonly Kill[]): boolean {
  const enoughMs = 2 * sleepMs(model, model.maxRows) + withheldMs;
  const kill = killed.find(({ killedMs }) => dueMs <= killedMs && killedMs <= answeredMs);
  return kill === undefined
    ? deadlineMs - dueMs >= enoughMs
    : deadlineMs - kill.killedMs >= enoughMs + kill.detectionMs;
}

test('no request fails that a killed replica left the time for another one', async (t) => {
  const mesh = await startSleepingMesh(t, { model, replicas: 4 });
  const { router, replicas, client } = mesh;
  await client.ask(inferPath, sleepRequest(1));
  const perSecond = 0.5 * capacity(model, 4);
  const machine = watchMachine();
  const load = startLoad(client, { perSecond, forMs: kills * betweenMs, deadlineMs: [600, 2400] });
  const killed: Kill[] = [];
  for (let count = 0; count < kills; count += 1) {
    await load.sent(Math.round(perSecond * (count + 0.3) * (betweenMs / 1000)));
    const replica = replicas[count % replicas.length] as SleepingMesh['replicas'][number];
    const killedMs = wallMs();
    replica.kill('SIGKILL');
    const { time } = await router.logged('replica.lost', {}, count + 1);
    killed.push({ killedMs, detectionMs: Date.parse(String(time)) - killedMs });
    await replica.restart();
  }
  const calls = await load.answered;
  const failed = calls.filter(({ code }) => code !== 'OK');
  t.diagnostic(`${calls.length} calls: ${outcomes(calls)}; ${latencies(calls)}; ${machine()}`);
  t.diagnostic(`found lost after ${killed.map(({ detectionMs }) => detectionMs.toFixed(0)).join(', ')} ms`);
  assert.deepEqual(
    failed.filter((call) => hadTime(call, killed)),
    [],
  );
  assert.equal(killed.length, kills);
});

/** A request that kills, together with as many others as fit in its batch, in the middle of others. */
async function sendPoison({ client }: SleepingMesh, perSecond: number) {
  await client.ask(inferPath, sleepRequest(1));
  const load = startLoad(client, { perSecond, forMs: 4000, deadlineMs: 30_000 });
  await load.sent(perSecond);
  const [culprit, ...mates] = [poison, 1, 2, 3, 4, 5].map((value) => client.call(inferPath, sleepRequest(value)));
  return { load, culprit, mates: Promise.all(mates) };
}

function lossesOf({ router }: SleepingMesh): number {
  return router.lines.filter((line) => line['event'] === 'replica.lost').length;
}

test('a request that kills its replica is INTERNAL after the second one, and nobody else fails', async (t) => {
  const mesh = await startSleepingMesh(t, { model, replicas: 4 });
  const { load, culprit, mates } = await sendPoison(mesh, 0.3 * capacity(model, 4));
  assert.equal((await culprit)?.result, 'INTERNAL two replicas were lost while they worked on this request');
  await mesh.router.logged('replica.lost', {}, 2);
  assert.deepEqual(
    (await mates).map(({ result }) => result),
    Array.from({ length: 5 }, () => 'OK'),
  );
  const calls = await load.answered;
  t.diagnostic(`${calls.length} other calls: ${outcomes(calls)}; ${latencies(calls)}`);
  assert.equal(answeredOk(calls).length, calls.length);
  assert.equal(lossesOf(mesh), 2);
});

test('a request that kills the worker of its instance is INTERNAL after the second one, and nobody else fails', async (t) => {
  const isolated = { ...model, config: modelParameter('isolation', 'process') };
  const mesh = await startSleepingMesh(t, { model: isolated, replicas: 3 });
  const { load, culprit, mates } = await sendPoison(mesh, 0.2 * capacity(model, 3));
  assert.equal((await culprit)?.result, 'INTERNAL two instances crashed while they worked on this request');
  assert.deepEqual(
    (await mates).map(({ result }) => result),
    Array.from({ length: 5 }, () => 'OK'),
  );
  const calls = await load.answered;
  t.diagnostic(`${calls.length} other calls: ${outcomes(calls)}; ${latencies(calls)}`);
  assert.equal(answeredOk(calls).length, calls.length);
  assert.equal(lossesOf(mesh), 0);
});
