// The order in which waiting requests are served, and what is counted of them: a real router whose queue is kept full, over a
// replica that the test plays, so that every batch can be looked at.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { rpcMethod } from '@weft/rpc';
import type { ModelInferRequest__Output } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelConfig } from '@weft/rpc/messages/inference/ModelConfig';
import { type Dialled, dial } from './testing/dial.ts';
import { inferFloats, inferPath } from './testing/infer-request.ts';
import { type StartedService, startRouterOver } from './testing/local-mesh.ts';
import { type PlayedBatch, type PlayedReplica, playReplica } from './testing/played-replica.ts';
import { scrape } from './testing/scrape.ts';

const maxBatchSize = 4;

interface Played {
  readonly replica: PlayedReplica;
  readonly router: StartedService;
  readonly to: Dialled;
}

async function played(t: TestContext, parameters: NonNullable<ModelConfig['parameters']> = {}): Promise<Played> {
  const config = { name: 'm', maxBatchSize, parameters };
  const model = { name: 'm', version: '1', state: 'MODEL_STATE_READY' as const, maxBatchSize, instances: 1, config };
  const replica = await playReplica({ replicaId: 'r', service: 'custom', models: [model], methods: [] });
  // Most of what is sent is never answered.
  const router = await startRouterOver([replica.address], { args: ['--drain-timeout', '100ms'] });
  const to = dial(router.address);
  t.after(async () => {
    to.close();
    await replica.stop();
    await router.stop();
  });
  return { replica, router, to };
}

/** Sends so many requests that say who they are by their id; their answers are not waited for. */
function send(to: Dialled, id: string, { count, headers }: { count: number; headers: Record<string, string> }): void {
  for (let sent = 0; sent < count; sent += 1) {
    void to.call(inferPath, inferFloats('m', [1], { id }), { headers });
  }
}

/** Once all that was sent has arrived: one connection's calls come in order. */
async function arrived(to: Dialled): Promise<void> {
  await to.call('/inference.GRPCInferenceService/ServerLive', {});
}

function idsOf({ items }: PlayedBatch): string[] {
  const decode = rpcMethod(inferPath).decodeRequest;
  return items.map(({ payload }) => (decode(payload) as ModelInferRequest__Output).id);
}

/** Serves so many batches, one after the other; whose requests they were. */
async function serve(replica: PlayedReplica, batches: number): Promise<string[]> {
  const before = replica.batches.length;
  for (let served = 0; served < batches; served += 1) {
    await replica.grant();
    await replica.until(() => replica.batches.length === before + served + 1);
    const batch = replica.batches.at(-1) as PlayedBatch;
    batch.answer(batch.items.map(() => Buffer.alloc(0)));
  }
  return replica.batches.slice(before).flatMap(idsOf);
}

function share(ids: readonly string[], id: string): number {
  return ids.filter((each) => each === id).length / ids.length;
}

test('tenants that both have more than is served share it by their weights', async (t) => {
  const { replica, to } = await played(t, { 'weft.tenant_weights': { stringValue: 'gold=3, plain=1' } });
  send(to, 'plain', { count: 150, headers: { 'weft-tenant': 'plain' } });
  send(to, 'gold', { count: 150, headers: { 'weft-tenant': 'gold' } });
  await arrived(to);
  const gold = share(await serve(replica, 40), 'gold');
  assert.ok(Math.abs(gold - 0.75) <= 0.075, `${gold}`);
});

test('a tenant that asks for little is served at once, however many another one has waiting', async (t) => {
  const { replica, to } = await played(t);
  send(to, 'flood', { count: 300, headers: { 'weft-tenant': 'a' } });
  await arrived(to);
  await serve(replica, 10);
  send(to, 'light', { count: 1, headers: { 'weft-tenant': 'b' } });
  await arrived(to);
  assert.equal((await serve(replica, 1)).includes('light'), true);
});

for (const [how, high] of [
  ['the metadata weft-priority', { headers: { 'weft-priority': '1' }, parameters: {} }],
  ['the parameter priority', { headers: {}, parameters: { priority: { int64Param: 1 } } }],
] as const)
  test(`a high priority, by ${how}, overtakes a low one, which keeps its twentieth`, async (t) => {
    const { replica, to } = await played(t);
    send(to, 'low', { count: 100, headers: { 'weft-priority': '3' } });
    await arrived(to);
    for (let sent = 0; sent < 200; sent += 1)
      void to.call(inferPath, inferFloats('m', [1], { id: 'high', parameters: high.parameters }), {
        headers: high.headers,
      });
    await arrived(to);
    const low = share(await serve(replica, 45), 'low');
    assert.ok(low >= 0.04 && low <= 0.1, `${low}`);
  });

test('what its client gives up or is late for leaves the queue, is never sent, and is counted', async (t) => {
  const { replica, router, to } = await played(t);
  const cancelled = to.call(inferPath, inferFloats('m', [1], { id: 'cancelled' }));
  const late = to.call(inferPath, inferFloats('m', [1], { id: 'late' }), { deadline: Date.now() + 100 });
  const stays = to.call(inferPath, inferFloats('m', [1], { id: 'stays' }));
  await arrived(to);
  cancelled.cancel();
  assert.match((await cancelled).result, /^CANCELLED/);
  assert.match((await late).result, /^DEADLINE_EXCEEDED/);
  await arrived(to);
  assert.deepEqual(await serve(replica, 1), ['stays']);
  assert.equal((await stays).result, 'OK');
  const metrics = await scrape(String(router.service.metricsAddress));
  // Who is late is told so at that very moment, unless its client has given up just before.
  const given = metrics.sum('weft_cancelled_total', { model: 'm', where: 'queued' });
  const told = metrics.sum('weft_dispatch_shed_total', { model: 'm', reason: 'deadline' });
  assert.deepEqual([given >= 1, given + told], [true, 2]);
});

test('every batch is counted by why it left and how large it was', async (t) => {
  const { replica, router, to } = await played(t);
  send(to, 'alone', { count: 1, headers: {} });
  await arrived(to);
  await serve(replica, 1);
  send(to, 'crowd', { count: 11, headers: {} });
  await arrived(to);
  await serve(replica, 3);
  const metrics = await scrape(String(router.service.metricsAddress));
  const counted = (reason: string): number => metrics.sum('weft_dispatch_batches_total', { model: 'm', reason });
  assert.deepEqual(['full', 'target', 'deadline', 'idle'].map(counted), [2, 0, 0, 2]);
  assert.equal(metrics.sum('weft_dispatch_batch_rows_count', { model: 'm' }), 4);
  assert.equal(metrics.sum('weft_dispatch_batch_rows_sum', { model: 'm' }), 12);
  assert.equal(metrics.sum('weft_dispatch_batch_rows_bucket', { model: 'm', le: '1' }), 1);
});
