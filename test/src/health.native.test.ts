// grpc.health.v1 and the protocol's own readiness, at a service that loads, serves and stops, and at the router before it.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { plus, temporaryFolder, writeModel } from './testing/author-models.ts';
import { type Dialled, dial } from './testing/dial.ts';
import { startModelService, startRouterOver } from './testing/local-mesh.ts';
import { type PlayedReplica, playReplica } from './testing/played-replica.ts';

const check = '/grpc.health.v1.Health/Check';
const protocol = '/inference.GRPCInferenceService';
const folder = temporaryFolder();
const models = ['a', 'b', 'c', 'd'];

before(async () => {
  for (const name of models) await writeModel(folder.path, name, { graph: plus(1) });
});
after(() => folder.remove());

function dialled(t: TestContext, address: string): Dialled {
  const client = dial(address);
  t.after(() => client.close());
  return client;
}

async function status(client: Dialled, service: string): Promise<string> {
  const { result, response } = await client.call(check, { service });
  return response === undefined ? result : (response as { status: string }).status;
}

/** What a Watch tells, as it comes. */
function watched(client: Dialled, service: string) {
  const heard: string[] = [];
  let wake: () => void = () => {};
  const stream = client.watch<{ status: string }>('/grpc.health.v1.Health/Watch', { service });
  let ended = false;
  stream.on('data', (message: { status: string }) => {
    heard.push(message.status);
    wake();
  });
  const over = (): void => {
    ended = true;
    wake();
  };
  stream.on('error', over);
  stream.on('end', over);
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { heard, until, hasEnded: () => ended };
}

describe('a service', () => {
  test('lives while it loads, becomes ready once, and tells its watchers, up to its end', async (t) => {
    const custom = await startModelService('custom', folder.path, { args: ['--load-concurrency', '1'] });
    const client = dialled(t, custom.address);
    // Its port is open a moment before it has read which models it is to load.
    while ((await status(client, 'd')).startsWith('NOT_FOUND'));
    const [whole, last] = [watched(client, ''), watched(client, 'd')];
    assert.deepEqual(await client.ask(`${protocol}/ServerLive`, {}), { live: true });
    assert.deepEqual(await client.ask(`${protocol}/ServerReady`, {}), { ready: false });
    assert.equal(await status(client, ''), 'NOT_SERVING');
    assert.equal(await status(client, 'inference.GRPCInferenceService'), 'NOT_SERVING');
    assert.equal(await status(client, 'd'), 'NOT_SERVING');
    await custom.service.ready;
    await whole.until(() => whole.heard.includes('SERVING'));
    for (const name of ['', 'inference.GRPCInferenceService', ...models])
      assert.equal(await status(client, name), 'SERVING');
    assert.deepEqual(await client.ask(`${protocol}/ServerReady`, {}), { ready: true });
    assert.equal(await status(client, 'nope'), "NOT_FOUND unknown service 'nope'");
    await custom.stop();
    await whole.until(whole.hasEnded);
    await last.until(last.hasEnded);
    assert.deepEqual(
      [whole.heard, last.heard],
      [
        ['NOT_SERVING', 'SERVING', 'NOT_SERVING'],
        ['NOT_SERVING', 'SERVING', 'NOT_SERVING'],
      ],
    );
  });
});

describe('the router', () => {
  const method = { path: '/weft.nlp.v1.NlpService/Embed', defaultModel: 'm' };
  const model = (state: 'MODEL_STATE_READY' | 'MODEL_STATE_LOADING') => ({
    name: 'm',
    version: '1',
    state,
    maxBatchSize: 1,
    instances: 1,
  });
  const reporting = (state: 'MODEL_STATE_READY' | 'MODEL_STATE_LOADING') => ({
    replicaId: 'r',
    service: 'nlp',
    methods: [method],
    models: [model(state)],
  });

  async function routed(t: TestContext, replica: PlayedReplica): Promise<Dialled> {
    const router = await startRouterOver([replica.address]);
    t.after(async () => {
      await replica.stop();
      await router.stop();
    });
    return dialled(t, router.address);
  }

  test('is ready whatever the models do, and knows how each service and model fares', async (t) => {
    const replica = await playReplica(reporting('MODEL_STATE_LOADING'));
    const client = await routed(t, replica);
    const all = async () =>
      Promise.all(
        ['', 'inference.GRPCInferenceService', 'weft.nlp.v1.NlpService', 'm', 'weft.vision.v1.VisionService'].map(
          (name) => status(client, name),
        ),
      );
    assert.deepEqual(await all(), ['SERVING', 'SERVING', 'NOT_SERVING', 'NOT_SERVING', 'NOT_SERVING']);
    const [service, served] = [watched(client, 'weft.nlp.v1.NlpService'), watched(client, 'm')];
    await service.until(() => service.heard.length === 1);
    await served.until(() => served.heard.length === 1);

    replica.report(reporting('MODEL_STATE_READY'));
    await service.until(() => service.heard.length === 2);
    assert.deepEqual(await all(), ['SERVING', 'SERVING', 'SERVING', 'SERVING', 'NOT_SERVING']);
    await replica.stop();
    await service.until(() => service.heard.length === 3);
    assert.deepEqual(await all(), ['SERVING', 'SERVING', 'NOT_SERVING', 'NOT_SERVING', 'NOT_SERVING']);
    await served.until(() => served.heard.length === 3);
    const changes = ['NOT_SERVING', 'SERVING', 'NOT_SERVING'];
    assert.deepEqual([service.heard, served.heard], [changes, changes]);
  });

  test('tells that it drains before it ends', async (t) => {
    const router = await startRouterOver([]);
    const client = dialled(t, router.address);
    const whole = watched(client, '');
    await whole.until(() => whole.heard.length === 1);
    await router.stop();
    await whole.until(whole.hasEnded);
    assert.deepEqual(whole.heard, ['SERVING', 'NOT_SERVING']);
  });

  test('of a model that comes later tells its watchers, who asked before', async (t) => {
    const replica = await playReplica({ replicaId: 'r', service: 'nlp', models: [] });
    const client = await routed(t, replica);
    const later = watched(client, 'm');
    await later.until(() => later.heard.length === 1);
    replica.report(reporting('MODEL_STATE_READY'));
    await later.until(() => later.heard.length === 2);
    assert.deepEqual(later.heard, ['SERVICE_UNKNOWN', 'SERVING']);
  });
});
