// A backup of the event log and its files, put back where nothing else is left: the same versions serve, with their shares. That of NATS
// is made and put back as docs/deploy.md says, by the `nats` command, and skipped where PATH has none.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { readSettings } from '@weft/config';
import { connect, type WeftClient } from '@weft/client';
import { encodeModel } from '@weft/convert';
import { openEventLog } from '@weft/models';
import { withoutNatsServer } from '@weft/models/testing';
import { routerSettings } from '@weft/router';
import { plus, temporaryFolder } from './testing/author-models.ts';
import { startLifecycleMesh } from './testing/lifecycle-mesh.ts';
import { startModelService, startRouterOver } from './testing/local-mesh.ts';

const run = promisify(execFile);
const hasNatsCommand = spawnSync('nats', ['--version']).status === 0;

/** A router and a service on the log in that data directory, and nothing else. */
async function startMesh(t: TestContext, dataDirectory: string) {
  const settings = readSettings(routerSettings, { argv: ['--data-directory', dataDirectory], env: {} });
  const models = temporaryFolder();
  const custom = await startModelService('custom', models.path, { args: ['--data-directory', dataDirectory] });
  const eventLog = openEventLog(settings, { writes: true });
  const router = await startRouterOver([custom.address], { eventLog, args: ['--data-directory', dataDirectory] });
  const client = connect({ router: router.address });
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    client.close();
    await router.stop();
    await eventLog.close();
    await custom.stop();
    models.remove();
  };
  t.after(stop);
  return { client, stop };
}

/** Every version with its share, once all of them are READY. */
async function served(client: WeftClient, count: number): Promise<string[]> {
  for await (const { models } of client.admin.watchModels()) {
    const versions = models.flatMap(({ name, versions }) => versions.map((one) => ({ name, ...one })));
    const ready = versions.filter(({ replicas }) => replicas.some(({ state }) => state === 'READY'));
    if (ready.length === count) return ready.map(({ name, version, share }) => `${name} ${version} ${share}`);
  }
  throw new Error('the watch ended');
}

async function answer(client: WeftClient, model: string, modelVersion: string): Promise<unknown> {
  const inputs = { x: { datatype: 'FP32' as const, shape: [1, 2], elements: [1, 1] } };
  const { outputs } = await client.infer({ model, version: modelVersion, inputs });
  return Object.values(outputs).map(({ elements }) => [...elements]);
}

test('a copy of the embedded log, made while the mesh serves, brings back what served then', {
  timeout: 60_000,
}, async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const [before, backup, after] = ['before', 'backup', 'after'].map((name) => join(folder.path, name));
  assert.ok(before !== undefined && backup !== undefined && after !== undefined);
  const first = await startMesh(t, before);
  const file = join(folder.path, 'model.onnx');
  const push = async (name: string, version: string, more: { canaryShare?: number } = {}): Promise<void> => {
    writeFileSync(file, encodeModel(plus(Number(version))));
    const files = [{ path: 'model.onnx', file }];
    const { outcome } = await first.client.admin.push({ name, version, files, ...more });
    assert.deepEqual(
      outcome.replicas.map(({ problem }) => problem),
      [''],
    );
  };
  await push('m', '1');
  await push('m', '2', { canaryShare: 0.25 });
  await push('n', '7');
  const then = await served(first.client, 3);
  for (const part of ['events', 'artifacts']) cpSync(join(before, part), join(backup, part), { recursive: true });
  await push('n', '8');
  await first.stop();
  rmSync(before, { recursive: true });

  cpSync(backup, after, { recursive: true });
  const { client } = await startMesh(t, after);
  assert.deepEqual(await served(client, 3), then);
  assert.deepEqual(then, ['m 2 0.25', 'm 1 0.75', 'n 7 1']);
  assert.deepEqual(await Promise.all([answer(client, 'm', '2'), answer(client, 'n', '7')]), [[[3, 3]], [[8, 8]]]);
  await assert.rejects(answer(client, 'n', '8'), { code: 'NOT_FOUND' });
});

test('a backup of NATS, put back into a server that has lost its files, brings back what served then', {
  skip: withoutNatsServer || (!hasNatsCommand && 'SKIPPED: no nats command on PATH (github.com/nats-io/natscli)'),
  timeout: 240_000,
}, async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const mesh = await startLifecycleMesh(t, { replicas: 1 });
  const nats = (...args: string[]) => run('nats', ['--server', mesh.nats.url, ...args]);
  const [events, artifacts] = [join(folder.path, 'events'), join(folder.path, 'artifacts')];
  await mesh.push('1', 1);
  await mesh.push('2', 2, { canaryShare: 0.25 });
  await nats('stream', 'backup', 'WEFT_MODELS', events);
  await nats('stream', 'backup', 'OBJ_WEFT_MODELS_ARTIFACTS', artifacts);
  const then = await served(mesh.client, 2);
  assert.deepEqual(then, ['m 2 0.25', 'm 1 0.75']);
  await mesh.push('1', 1, { name: 'later' });

  // Neither the servers' files nor those of the processes are left. A router that runs would make an empty log at once.
  const [replica] = mesh.replicas;
  mesh.router.kill('SIGKILL');
  await Promise.all([mesh.router.ended, replica?.kill()]);
  for (const directory of mesh.dataDirectories) {
    rmSync(directory, { recursive: true });
    rmSync(join(dirname(directory), 'router'), { recursive: true, force: true });
  }
  await mesh.nats.stop('SIGKILL');
  await mesh.nats.start({ empty: true });
  await nats('stream', 'restore', artifacts);
  await nats('stream', 'restore', events);
  await replica?.start();
  await mesh.restartRouter();
  assert.deepEqual(await served(mesh.client, 2), then);
  assert.deepEqual(await Promise.all([answer(mesh.client, 'm', '1'), answer(mesh.client, 'm', '2')]), [
    [[2, 2]],
    [[3, 3]],
  ]);
  await mesh.push('1', 1, { name: 'anew' });
  assert.deepEqual(await served(mesh.client, 3), ['anew 1 1', ...then]);
});
