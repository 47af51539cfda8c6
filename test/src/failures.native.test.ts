// Processes that die: a service, one of two replicas, the worker of an instance. The router outlives them all, and what can
// be answered is answered.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, type TestContext, test } from 'node:test';
import { busyLoop, plus, temporaryFolder, writeModel } from './testing/author-models.ts';
import { type Dialled, dial } from './testing/dial.ts';
import { floatsOf, inferFloats, inferPath, inferRounds } from './testing/infer-request.ts';
import { type StartedService, startModelService, startRouterOver } from './testing/local-mesh.ts';
import { endProcess, type StartedProcess, startProcess } from './testing/start-process.ts';

const ready = '/inference.GRPCInferenceService/ServerReady';
const folder = temporaryFolder();
const inProcess = 'parameters { key: "weft.isolation" value { string_value: "process" } }';

before(async () => {
  await writeModel(folder.path, 'plus', { graph: plus(1) });
  await writeModel(folder.path, 'busy', { graph: busyLoop() });
});
after(() => folder.remove());

async function customProcess(t: TestContext, port = '0'): Promise<{ custom: StartedProcess; address: string }> {
  const repository = ['--no-default-models', '--model-repository', folder.path, '--data-directory', folder.path];
  const custom = startProcess('custom', ['--port', port, '--metrics-port', '0', ...repository]);
  t.after(() => endProcess(custom));
  const { address } = await custom.logged('service.listening');
  await custom.logged('service.ready');
  return { custom, address: String(address) };
}

async function routed(t: TestContext, ...endpoints: string[]): Promise<{ router: StartedService; client: Dialled }> {
  const router = await startRouterOver(endpoints);
  const client = dial(router.address);
  t.after(async () => {
    client.close();
    await router.stop();
  });
  return { router, client };
}

/** Resolves once the router says that the model serves, or serves no more. */
async function untilServing(client: Dialled, model: string, expected: 'SERVING' | 'NOT_SERVING'): Promise<void> {
  const watch = client.watch<{ status: string }>('/grpc.health.v1.Health/Watch', { service: model });
  watch.on('error', () => {});
  for await (const { status } of watch as AsyncIterable<{ status: string }>) if (status === expected) break;
  watch.cancel();
}

describe('a service whose process is killed', () => {
  test('is UNAVAILABLE, also for the call it had; the router stays ready; and it serves again at the same port', async (t) => {
    const { custom, address } = await customProcess(t);
    const { router, client } = await routed(t, address);
    await untilServing(client, 'busy', 'SERVING');
    const running = client.call(inferPath, inferRounds('busy', 1e9));
    await client.ask(inferPath, inferFloats('plus', [1, 2]));
    custom.kill('SIGKILL');
    const gone = (name: string) =>
      `UNAVAILABLE model '${name}' version 1 is not at ready state: its replica is not connected`;
    assert.equal((await running).result, gone('busy'));
    await router.logged('replica.lost');
    assert.equal((await client.call(inferPath, inferFloats('plus', [1, 2]))).result, gone('plus'));
    assert.deepEqual(await client.ask(ready, {}), { ready: true });
    assert.deepEqual(await client.ask('/grpc.health.v1.Health/Check', {}), { status: 'SERVING' });

    await customProcess(t, address.split(':')[1]);
    await untilServing(client, 'plus', 'SERVING');
    assert.deepEqual(floatsOf(await client.ask(inferPath, inferFloats('plus', [1, 2]))), [2, 3]);
  });

  test('leaves its calls to another replica, once', async (t) => {
    const [first, second] = await Promise.all([customProcess(t), customProcess(t)]);
    const { router, client } = await routed(t, first.address, second.address);
    while (router.lines.filter((line) => line['event'] === 'replica.connected').length < 2)
      await new Promise(setImmediate);
    await untilServing(client, 'busy', 'SERVING');
    // One for each replica: neither takes a second one while it has the first.
    const calls = [
      client.call(inferPath, inferRounds('busy', 150_000)),
      client.call(inferPath, inferRounds('busy', 150_000)),
    ];
    await client.ask(inferPath, inferFloats('plus', [1, 2]));
    first.custom.kill('SIGKILL');
    assert.deepEqual(
      (await Promise.all(calls)).map(({ result }) => result),
      ['OK', 'OK'],
    );
  });

  test('that is not there yet does not keep the router from being ready, and is found when it comes', async (t) => {
    const { custom, address } = await customProcess(t);
    await endProcess(custom);
    const { client } = await routed(t, address);
    assert.deepEqual(await client.ask(ready, {}), { ready: true });
    await customProcess(t, address.split(':')[1]);
    await untilServing(client, 'plus', 'SERVING');
  });
});

test('a service that freezes is lost within seconds, its call fails, and it is connected again when it goes on', {
  skip: process.platform === 'win32',
}, async (t) => {
  const { custom, address } = await customProcess(t);
  const { router, client } = await routed(t, address);
  await untilServing(client, 'busy', 'SERVING');
  const running = client.call(inferPath, inferRounds('busy', 1e9));
  await client.ask(inferPath, inferFloats('plus', [1, 2]));
  const frozenMs = performance.now();
  custom.kill('SIGSTOP');
  const { reason } = await router.logged('replica.lost');
  const noticedMs = performance.now() - frozenMs;
  t.diagnostic(`noticed after ${Math.round(noticedMs)} ms`);
  assert.match(String(reason), /^14 UNAVAILABLE/);
  // Four seconds of keepalive, and what a loaded machine adds.
  assert.ok(noticedMs < 9_000, `noticed after ${noticedMs} ms`);
  assert.match((await running).result, /^UNAVAILABLE model 'busy' .* its replica is not connected$/);
  assert.deepEqual(await client.ask(ready, {}), { ready: true });

  const again = router.logged('replica.connected', 2);
  custom.kill('SIGCONT');
  await again;
  await untilServing(client, 'plus', 'SERVING');
  assert.equal((await client.call(inferPath, inferFloats('plus', [1, 2]))).result, 'OK');
});

test('a service that is frozen from the start does not keep the router from being ready', {
  skip: process.platform === 'win32',
}, async (t) => {
  const { custom, address } = await customProcess(t);
  custom.kill('SIGSTOP');
  const { router, client } = await routed(t, address);
  assert.deepEqual(await client.ask(ready, {}), { ready: true });
  assert.equal((await router.logged('replica.absent'))['reason'], 'no answer within 5 s');
  custom.kill('SIGCONT');
  await router.logged('replica.connected');
});

test('a worker process that is killed costs the call it had, and is started again', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const own = temporaryFolder();
  await writeModel(own.path, 'isolated', { graph: busyLoop(), config: inProcess });
  await writeModel(own.path, 'plus', { graph: plus(1) });
  const custom = await startModelService('custom', own.path);
  t.after(async () => {
    await custom.stop();
    own.remove();
  });
  await custom.service.ready;
  const { client } = await routed(t, custom.address);
  await untilServing(client, 'isolated', 'SERVING');
  const running = client.call(inferPath, inferRounds('isolated', 1e9));
  await client.ask(inferPath, inferFloats('plus', [1, 2]));
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number);
  const workers = children.filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('services/custom/dist/worker.js'),
  );
  assert.equal(workers.length, 1);
  process.kill(workers[0] as number, 'SIGKILL');
  const restarting =
    "UNAVAILABLE model 'isolated' version 1 is not at ready state: UNAVAILABLE: its instance crashed and is being restarted: the worker process ended with SIGKILL";
  assert.equal((await running).result, restarting);
  assert.equal((await client.call(inferPath, inferRounds('isolated', 1))).result, restarting);
  assert.equal((await client.call(inferPath, inferFloats('plus', [1, 2]))).result, 'OK');
  await untilServing(client, 'isolated', 'SERVING');
  assert.equal((await client.call(inferPath, inferRounds('isolated', 1))).result, 'OK');
});
