// Versions that follow one another in a mesh of processes on a real nats-server, while requests keep coming.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { withoutNatsServer } from '@weft/models/testing';
import { startConstantLoad } from './testing/constant-load.ts';
import { type PushedModel, startLifecycleMesh } from './testing/lifecycle-mesh.ts';

test('twenty versions follow one another under load: no request fails, and each answer names the version that made it', {
  skip: withoutNatsServer,
}, async (t) => {
  const mesh = await startLifecycleMesh(t, { replicas: 3 });
  await mesh.push('1', 1);
  const load = startConstantLoad(mesh.client, 10);
  const started = performance.now();
  for (let version = 2; version <= 21; version += 1) {
    const { settled, replicas } = await mesh.push(String(version), version);
    assert.equal(settled, true);
    assert.deepEqual(
      replicas.map(({ problem }) => problem),
      ['', '', ''],
    );
  }
  const { answered, failures, mixed } = await load.stop();
  const total = [...answered.values()].reduce((sum, count) => sum + count, 0);
  const tookMs = performance.now() - started;
  t.diagnostic(`20 swaps in ${(tookMs / 1000).toFixed(1)} s, ${total} requests, ${failures.length} failed`);
  assert.deepEqual(failures, []);
  assert.deepEqual(mixed, []);
  assert.equal(answered.size, 21);
  const { versions } = (await modelStatus(mesh.client)) ?? { versions: [] };
  assert.deepEqual(
    versions.filter(({ replicas }) => replicas.some(({ state }) => state === 'READY')).map(({ version }) => version),
    ['21'],
  );
});

test('a version that cannot be served leaves the old one serving, says why, and leaves nothing behind', {
  skip: withoutNatsServer,
}, async (t) => {
  const mesh = await startLifecycleMesh(t, { replicas: 2 });
  await mesh.push('1', 1);
  const load = startConstantLoad(mesh.client, 10);
  const broken: { readonly more: PushedModel; readonly reason: RegExp }[] = [
    { more: { bytes: Buffer.from('no model') }, reason: /not a valid ONNX model/ },
    { more: { config: { input: [{ name: 'missing', dataType: 'TYPE_FP32', dims: [2] }] } }, reason: /'missing'/ },
    { more: { config: { backend: 'python' } }, reason: /backend 'python' is not supported/ },
  ];
  for (const [at, { more, reason }] of broken.entries()) {
    const { settled, replicas } = await mesh.push(String(at + 2), at + 2, more);
    assert.equal(settled, true);
    assert.equal(replicas.length, 2);
    for (const { problem } of replicas) assert.match(problem, reason);
    const index = await mesh.client.models.index();
    const row = index.find(({ version }) => version === String(at + 2));
    assert.equal(row?.state, 'UNAVAILABLE');
    assert.match(row?.reason ?? '', reason);
    assert.equal(index.find(({ version }) => version === '1')?.state, 'READY');
  }
  const { answered, failures, mixed } = await load.stop();
  assert.deepEqual([failures, mixed, [...answered.keys()]], [[], [], ['1']]);
  const partial = mesh.dataDirectories
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    .filter((name) => /partial\/./.test(name));
  assert.deepEqual(partial, []);
  await mesh.push('9', 9);
  assert.equal((await mesh.client.models.index()).find(({ version }) => version === '9')?.state, 'READY');
});

async function modelStatus(client: Awaited<ReturnType<typeof startLifecycleMesh>>['client']) {
  for await (const { models } of client.admin.watchModels()) return models.find(({ name }) => name === 'm');
  return undefined;
}
