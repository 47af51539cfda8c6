// The admin calls other than push, over real gRPC.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { WeftError } from '@weft/errors';
import { connect, type WeftClient } from '../connect.ts';
import { FakeAdmin } from '../testing/fake-admin.ts';
import { fakeModel } from '../testing/fake-models.ts';
import { type Answer, Refusal, startFakeRouter } from '../testing/fake-router.ts';
import type { RolloutChange } from './rollout-change.ts';

const retry = { maxRetries: 3, initialBackoffMs: 1, maxBackoffMs: 2 };

describe('the admin client', { timeout: 30_000 }, () => {
  const cleanUps: (() => void)[] = [];
  after(() => {
    for (const cleanUp of cleanUps) cleanUp();
  });

  async function start(): Promise<{ admin: FakeAdmin; client: WeftClient }> {
    const admin = new FakeAdmin();
    const model = fakeModel('fraud', 'custom');
    for (const version of ['1', '2']) model.desired.versions.push({ version, config: null, files: [], signatures: [] });
    admin.models.set('fraud', model);
    const router = await startFakeRouter({}, undefined, admin);
    return { admin, client: open(router) };
  }

  function open(router: { readonly address: string; stop(): void }): WeftClient {
    const client = connect({ router: router.address, retry });
    cleanUps.push(
      () => client.close(),
      () => router.stop(),
    );
    return client;
  }

  test('each change of a rollout reaches the router, and what it made of the model comes back', async () => {
    const { client } = await start();
    const canary = await client.admin.setRollout({ name: 'fraud', canary: { share: 0.2 } });
    assert.equal(canary.model.rollout?.canary, '2');
    assert.equal(canary.model.rollout?.canaryShare, 0.2);
    assert.equal(canary.outcome.replicas.length, 2);
    const shadow = await client.admin.setRollout({ name: 'fraud', shadow: { version: '1', share: 1 } });
    assert.equal(shadow.model.rollout?.shadow, '1');
    const rolledBack = await client.admin.setRollout({ name: 'fraud', rollBack: { reason: 'too slow' } });
    assert.deepEqual(rolledBack.model.withdrawals, [{ version: '2', reason: 'too slow', atMs: 0 }]);
    await client.admin.setRollout({ name: 'fraud', canary: { version: '2', share: 0.5 } });
    const promoted = await client.admin.setRollout({ name: 'fraud', promote: {} });
    assert.equal(promoted.model.rollout?.stable, '2');
  });

  test('two changes at once are refused before anything is sent', async () => {
    const { admin, client } = await start();
    const both = { name: 'fraud', promote: {}, rollBack: {} } as RolloutChange;
    await assert.rejects(client.admin.setRollout(both), { code: 'INVALID_ARGUMENT' });
    await assert.rejects(client.admin.setRollout({ name: 'fraud' } as RolloutChange), { code: 'INVALID_ARGUMENT' });
    assert.equal(admin.requests.length, 0);
  });

  test('a rollback is never tried again, a load is', async () => {
    const unavailable: Answer = () => {
      throw new Refusal('UNAVAILABLE', 'the log cannot be reached');
    };
    const service = '/weft.router.v1.Admin/';
    const router = await startFakeRouter({
      [`${service}SetRollout`]: unavailable,
      [`${service}LoadModel`]: unavailable,
    });
    const client = open(router);
    await assert.rejects(client.admin.setRollout({ name: 'fraud', rollBack: {} }), { code: 'UNAVAILABLE' });
    assert.equal(router.calls.length, 1);
    await assert.rejects(client.admin.load('fraud'), { code: 'UNAVAILABLE' });
    assert.equal(router.calls.length, 1 + 4);
  });

  test('load and unload tell what failed where', async () => {
    const { admin, client } = await start();
    admin.replicas[1] = { id: 'r2', problem: 'disk full' };
    const { replicas } = await client.admin.unload('fraud');
    assert.deepEqual(
      replicas.map(({ replicaId, problem }) => [replicaId, problem]),
      [
        ['r1', ''],
        ['r2', 'disk full'],
      ],
    );
    assert.equal(admin.models.get('fraud')?.desired.unloaded, true);
    await client.admin.load('fraud', { config: { maxBatchSize: 4 } });
    assert.equal(admin.models.get('fraud')?.desired.unloaded, false);
    assert.equal((admin.requests[1] as { config: { maxBatchSize: number } }).config.maxBatchSize, 4);
    await assert.rejects(client.admin.load('nobody'), { code: 'NOT_FOUND' });
  });

  test('a watch tells the state at once and after each change, and ends with its signal', async () => {
    const { admin, client } = await start();
    const controller = new AbortController();
    const shares: number[][] = [];
    for await (const { models } of client.admin.watchModels({ signal: controller.signal })) {
      shares.push((models[0]?.versions ?? []).map(({ share }) => share));
      if (shares.length === 2) controller.abort();
      else await client.admin.setRollout({ name: 'fraud', canary: { share: 0.25 } });
    }
    assert.deepEqual(shares[1], [0, 0.25]);
    assert.equal(shares.length, 2);
    assert.ok(admin.revision >= 1);
  });

  test('profiles tell how long batches take on each replica', async () => {
    const { admin, client } = await start();
    const times = [{ rows: 1, ms: 9.5, measured: true }];
    admin.profiles.set('fraud', [{ version: '1', method: '/a.B/C', endpoint: 'r1:8041', instances: 2, times }]);
    const [profile] = await client.admin.profiles('fraud', { modelVersion: '1' });
    assert.deepEqual([profile?.endpoint, profile?.instances, profile?.times], ['r1:8041', 2, times]);
    assert.deepEqual(admin.requests.at(-1), { name: 'fraud', version: '1' });
    await assert.rejects(client.admin.profiles('nobody'), { code: 'NOT_FOUND' });
  });

  test('a watch that is waiting for news ends with its signal, and with the client', async () => {
    const { client } = await start();
    const controller = new AbortController();
    const watch = client.admin.watchModels({ signal: controller.signal })[Symbol.asyncIterator]();
    assert.equal((await watch.next()).done, false);
    const waiting = watch.next();
    controller.abort();
    assert.equal((await waiting).done, true);
    const other = client.admin.watchModels()[Symbol.asyncIterator]();
    assert.equal((await other.next()).done, false);
    const ending = other.next();
    client.close();
    assert.equal((await ending).done, true);
  });

  test('a reader that leaves the loop leaves no watcher behind', async () => {
    const { admin, client } = await start();
    for await (const { models } of client.admin.watchModels()) {
      assert.equal(models.length, 1);
      break;
    }
    // The cancellation travels after the loop: another call on the same connection arrives behind it.
    await client.admin.load('fraud');
    assert.equal(admin.watchers, 0);
  });

  test('a watch survives the loss of its router, and says so', async () => {
    const { admin, client } = await start();
    const losses: WeftError[] = [];
    const watch = client.admin.watchModels({ onLost: (error) => losses.push(error) })[Symbol.asyncIterator]();
    await watch.next();
    for (let loss = 1; loss <= 6; loss++) {
      admin.dropWatchers();
      const { value } = await watch.next();
      assert.equal(value?.models.length, 1);
    }
    assert.deepEqual(
      losses.map(({ code }) => code),
      Array.from({ length: 6 }, () => 'UNAVAILABLE'),
    );
    await watch.return?.();
  });

  test('a watch of a router that was never there is given up with its address', async () => {
    const router = await startFakeRouter({});
    router.stop();
    const client = open(router);
    const watch = client.admin.watchModels()[Symbol.asyncIterator]();
    await assert.rejects(watch.next(), { code: 'UNAVAILABLE', message: /cannot reach the router/ });
  });

  test('a watch without the right is refused, and not tried again', async () => {
    const router = await startFakeRouter({});
    const watch = open(router).admin.watchModels()[Symbol.asyncIterator]();
    await assert.rejects(watch.next(), { code: 'UNIMPLEMENTED' });
  });
});
