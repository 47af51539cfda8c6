// The custom service with an event log and artifacts in a data directory: what is pushed is fetched, checked and served beside
// what lies in the model repository, and again after a restart.
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { readSettings } from '@weft/config';
import { encodeModel } from '@weft/convert';
import { customSettings } from '@weft/custom';
import { openEventLog } from '@weft/models';
import { encodedEvent } from '@weft/models/testing';
import type { DesiredVersion } from '@weft/rpc/messages/weft/models/v1/DesiredVersion';
import type { ReplicaState__Output } from '@weft/rpc/messages/weft/executor/v1/ReplicaState';
import { plus, temporaryFolder, writeModel } from './testing/author-models.ts';
import { dial } from './testing/dial.ts';
import { floatsOf, inferFloats, inferPath } from './testing/infer-request.ts';
import { startModelService } from './testing/local-mesh.ts';

/** The service, and what it tells of itself. */
async function startCustom(t: TestContext, folder: string, args: readonly string[] = []) {
  const started = await startModelService('custom', `${folder}/models`, {
    args: [`--data-directory=${folder}/data`, ...args],
  });
  const client = dial(started.address);
  const states = client.watch<ReplicaState__Output>('/weft.executor.v1.Executor/Watch', {});
  let latest: ReplicaState__Output | undefined;
  let wake: () => void = () => {};
  states.on('data', (state: ReplicaState__Output) => {
    latest = state;
    wake();
  });
  states.on('error', () => {});
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    states.cancel();
    client.close();
    await started.stop();
  };
  t.after(stop);
  const versions = (): string =>
    (latest?.models ?? []).map(({ version, state }) => `${version} ${state.replace('MODEL_STATE_', '')}`).join();
  return {
    stop,
    versions,
    problem: () => latest?.applied[0]?.problem ?? '',
    async until(holds: () => boolean): Promise<void> {
      while (!holds()) await new Promise<void>((resolve) => (wake = resolve));
    },
    async answer(): Promise<readonly number[]> {
      const response = await client.ask(inferPath, inferFloats('m', [1, 1]));
      return floatsOf(response);
    },
  };
}

test('a pushed version is served, one whose file is not what it should be is not, and a restart serves the same', async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  await writeModel(`${folder.path}/models`, 'm', { graph: plus(1) });
  const settings = readSettings(customSettings, { argv: ['--data-directory', `${folder.path}/data`], env: {} });
  const log = openEventLog(settings, { writes: true });
  t.after(() => log.close());
  let revision = 0;
  const version = async (number: string, bytes: Buffer): Promise<DesiredVersion> => {
    const file = { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
    async function* content() {
      yield bytes;
    }
    await log.artifacts.put(file, content());
    return { version: number, config: {}, files: [{ path: 'model.onnx', ...file }] };
  };
  const publish = async (...versions: DesiredVersion[]): Promise<void> => {
    revision = await log.append({ model: 'm', bytes: encodedEvent({ service: 'custom', versions }), after: revision });
  };
  const first = await startCustom(t, folder.path);
  await first.until(() => first.versions() === '1 READY');
  assert.deepEqual(await first.answer(), [2, 2]);
  const second = await version('2', encodeModel(plus(10)) as Buffer);
  await publish(second);
  await first.until(() => first.versions() === '2 READY');
  assert.deepEqual(await first.answer(), [11, 11]);
  const lost: DesiredVersion = {
    version: '3',
    config: {},
    files: [{ path: 'model.onnx', sha256: 'f'.repeat(64), size: 9 }],
  };
  await publish(second, lost);
  await first.until(() => first.versions() === '3 UNAVAILABLE,2 READY');
  assert.match(first.problem(), /^failed to load 'm' version 3: file 'model\.onnx'/);
  assert.deepEqual(await first.answer(), [11, 11]);
  await publish(second);
  await first.until(() => first.versions() === '2 READY');
  await first.stop();
  const again = await startCustom(t, folder.path);
  await again.until(() => again.versions() === '2 READY');
  assert.deepEqual(await again.answer(), [11, 11]);
});

test('with trusted keys no event makes a service load what nobody signed, by way of a configuration either', async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  await writeModel(`${folder.path}/models`, 'm', { graph: plus(1) });
  const keys = `${folder.path}/trusted.pem`;
  writeFileSync(keys, generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }));
  const settings = readSettings(customSettings, { argv: ['--data-directory', `${folder.path}/data`], env: {} });
  const log = openEventLog(settings, { writes: true });
  t.after(() => log.close());
  const hostile = encodeModel(plus(10)) as Buffer;
  const file = { sha256: createHash('sha256').update(hostile).digest('hex'), size: hostile.length };
  async function* content() {
    yield hostile;
  }
  await log.artifacts.put(file, content());
  const source = { stringValue: `nats:${file.sha256}/${file.size}` };
  const configOverride = { parameters: { 'weft.source': source } };
  const custom = await startCustom(t, folder.path, [`--trusted-keys=${keys}`]);
  await custom.until(() => custom.versions() === '1 READY');
  const bytes = encodedEvent({ service: 'custom', configOverride, loadGeneration: 1 });
  await log.append({ model: 'm', bytes, after: 0 });
  await custom.until(() => custom.problem() !== '');
  assert.match(custom.problem(), /^with --trusted-keys an unsigned configuration may not change .*\(weft\.source\)/);
  assert.equal(custom.versions(), '1 READY');
  assert.deepEqual(await custom.answer(), [2, 2]);
});
