// A user's own models in a directory: served without a line of code, in the versions that should serve; what is broken is
// told, and hurts nothing else.
import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ModelMetadataResponse__Output } from '@weft/rpc/messages/inference/ModelMetadataResponse';
import type { RepositoryIndexResponse__Output } from '@weft/rpc/messages/inference/RepositoryIndexResponse';
import { denseOf, writeLayersModel } from './testing/author-layers-model.ts';
import { identity, plus, temporaryFolder, writeModel } from './testing/author-models.ts';
import { dial } from './testing/dial.ts';
import { floatsOf, inferFloats, inferPath } from './testing/infer-request.ts';
import { type LocalMesh, startLocalMesh, startModelService, startRouterOver } from './testing/local-mesh.ts';
import { playReplica } from './testing/played-replica.ts';

const protocol = '/inference.GRPCInferenceService';
const folder = temporaryFolder();
let mesh: LocalMesh;

async function writeFiles(name: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(join(folder.path, name, '1'), { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder.path, name, file), text);
}

before(async () => {
  await writeModel(folder.path, 'plain', { graph: plus(1) });
  await writeLayersModel(folder.path, 'layers');
  await writeLayersModel(folder.path, 'converted', 'backend: "onnxruntime" default_model_filename: "model.json"');
  for (const version of [1, 2, 10]) {
    const graph = plus(version);
    await writeModel(folder.path, 'latest', { graph, version });
    await writeModel(folder.path, 'latest-two', {
      graph,
      version,
      config: 'version_policy { latest { num_versions: 2 } }',
    });
    await writeModel(folder.path, 'all', { graph, version, config: 'version_policy { all {} }' });
    await writeModel(folder.path, 'specific', {
      graph,
      version,
      config: 'version_policy { specific { versions: [1, 2, 5] } }',
    });
  }
  await writeFiles('garbage', { '1/model.onnx': 'this is no model' });
  await writeFiles('no-file', {});
  await mkdir(join(folder.path, 'no-version'));
  await writeFiles('bad-config', { 'config.pbtxt': 'max_batch_size: many' });
  await writeFiles('two-configs', { 'config.pbtxt': '', 'config.json': '{}' });
  await writeFiles('bad-backend', { 'config.pbtxt': 'backend: "python"', '1/model.onnx': '' });
  await writeModel(folder.path, 'other-input', {
    graph: identity(),
    config: 'input { name: "z" data_type: TYPE_FP32 dims: [ 2 ] }',
  });
  await writeModel(folder.path, 'other-name', { graph: identity(), config: 'name: "somebody"' });
  await writeModel(folder.path, 'outside', {
    graph: identity(),
    config: 'parameters { key: "weft.source" value { string_value: "file:../plain/1/model.onnx" } }',
  });
  // Refused before the model is so much as opened.
  await writeFiles('bad-policy', {
    'config.pbtxt': 'parameters { key: "weft.policy" value { string_value: "greedily" } }',
    '1/model.onnx': 'this is no model',
  });
  await writeModel(folder.path, 'bad-size', {
    graph: identity('FP32', [1, 2]),
    config: 'dynamic_batching { preferred_batch_size: 4 }',
  });
  mesh = await startLocalMesh(folder.path);
});

after(async () => {
  await mesh.stop();
  folder.remove();
});

async function index(): Promise<Map<string, string[]>> {
  const { models } = await mesh.client.ask<RepositoryIndexResponse__Output>(`${protocol}/RepositoryIndex`, {});
  const byName = new Map<string, string[]>();
  for (const { name, version, state, reason } of models)
    byName.set(name, [...(byName.get(name) ?? []), `${version} ${state} ${reason}`]);
  return byName;
}

const metadataOf = (name: string) =>
  mesh.client.ask<ModelMetadataResponse__Output>(`${protocol}/ModelMetadata`, { name });

describe('a directory without a configuration', () => {
  test('with an ONNX model is served, described by the model itself', async () => {
    const { platform, inputs } = await metadataOf('plain');
    assert.deepEqual([platform, inputs], ['onnxruntime_onnx', [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }]]);
    assert.deepEqual(floatsOf(await mesh.client.ask(inferPath, inferFloats('plain', [1, 2]))), [2, 3]);
  });

  test('with a TensorFlow.js model is served by TensorFlow.js', async () => {
    const { platform, inputs } = await metadataOf('layers');
    assert.equal(platform, 'tensorflowjs');
    const [input] = inputs;
    assert.deepEqual([input?.datatype, input?.shape], ['FP32', [-1, 2]]);
    const request = inferFloats('layers', [1, 2, 3, 4], { input: input?.name ?? '', shape: [2, 2] });
    assert.deepEqual(floatsOf(await mesh.client.ask(inferPath, request)), [...denseOf([1, 2]), ...denseOf([3, 4])]);
  });
});

test('a TensorFlow.js model whose configuration asks for onnxruntime is converted once, and answers the same', async () => {
  const { platform, inputs } = await metadataOf('converted');
  assert.equal(platform, 'onnxruntime_onnx');
  const request = inferFloats('converted', [1, 2], { input: inputs[0]?.name ?? '' });
  assert.deepEqual(floatsOf(await mesh.client.ask(inferPath, request)), denseOf([1, 2]));
  assert.equal((await readdir(join(folder.path, 'converted'))).filter((file) => file.endsWith('.onnx')).length, 1);
});

describe('versions', () => {
  const sum = async (name: string, modelVersion = '') => {
    const { result, response } = await mesh.client.call(inferPath, inferFloats(name, [0, 0], { modelVersion }));
    const { modelVersion: served } = (response ?? {}) as { modelVersion?: string };
    return response === undefined ? result : `${served}: +${floatsOf(response)[0]}`;
  };
  const served: Readonly<Record<string, readonly string[]>> = {
    latest: ['10'],
    'latest-two': ['10', '2'],
    all: ['10', '2', '1'],
    specific: ['2', '1'],
  };
  for (const [name, versions] of Object.entries(served)) {
    test(`of '${name}' are ${versions.join(', ')}, each answers for itself, and the newest for those who name none`, async () => {
      assert.deepEqual((await metadataOf(name)).versions, versions);
      assert.deepEqual(
        (await index()).get(name),
        versions.map((version) => `${version} READY `),
      );
      assert.equal(await sum(name), `${versions[0]}: +${versions[0]}`);
      for (const version of versions) assert.equal(await sum(name, version), `${version}: +${version}`);
      for (const version of ['1', '2', '10'].filter((other) => !versions.includes(other))) {
        assert.equal(
          await sum(name, version),
          `NOT_FOUND Request for unknown model: '${name}' version ${version} is not found`,
        );
      }
    });
  }
});

describe('a broken model', () => {
  const reasons: Readonly<Record<string, RegExp>> = {
    garbage: /^1 UNAVAILABLE failed to load 'garbage' version 1: the file is not a valid ONNX model$/,
    'no-file': /^1 UNAVAILABLE failed to load 'no-file' version 1: no model file in /,
    'no-version': /^ UNAVAILABLE failed to poll from model repository: .*'no-version' has no version to serve$/,
    'bad-config': /^ UNAVAILABLE failed to poll from model repository: cannot read .*bad-config\/config\.pbtxt: /,
    'two-configs': /^ UNAVAILABLE failed to poll from model repository: .*has both config\.pbtxt and config\.json/,
    'bad-backend': /^1 UNAVAILABLE failed to load 'bad-backend' version 1: backend 'python' is not supported/,
    'other-input':
      /^1 UNAVAILABLE failed to load 'other-input' version 1: the configuration has an input 'z'; the model has 'x'$/,
    'other-name': /^ UNAVAILABLE .*the configuration names the model 'somebody', but its folder is 'other-name'$/,
    'bad-policy':
      /^1 UNAVAILABLE failed to load 'bad-policy' version 1: weft\.policy: expected .*"greedily": did you mean greedy\?$/,
    'bad-size':
      /^1 UNAVAILABLE failed to load 'bad-size' version 1: dynamic_batching\.preferred_batch_size: expected .* got 4$/,
    outside: /^1 UNAVAILABLE failed to load 'outside' version 1: '\.\.\/plain\/1\/model\.onnx' leads out of /,
  };
  for (const [name, reason] of Object.entries(reasons)) {
    test(`'${name}' is UNAVAILABLE with the reason, in the index and for who calls it`, async () => {
      const [row = '', ...others] = (await index()).get(name) ?? [];
      assert.match(row, reason);
      assert.deepEqual(others, []);
      const { result } = await mesh.client.call(inferPath, inferFloats(name, [1, 2]));
      assert.match(
        result,
        new RegExp(`^UNAVAILABLE model '${name}'( version 1)? is not at ready state: UNAVAILABLE: failed to `),
      );
    });
  }

  test('keeps neither the service nor the others from being ready', async () => {
    assert.deepEqual(await mesh.direct.ask(`${protocol}/ServerReady`, {}), { ready: true });
    const { models } = await mesh.client.ask<RepositoryIndexResponse__Output>(`${protocol}/RepositoryIndex`, {
      ready: true,
    });
    const names = new Set(models.map(({ name }) => name));
    assert.deepEqual([...names], ['all', 'converted', 'latest', 'latest-two', 'layers', 'plain', 'specific']);
  });
});

describe('a name that is there twice', () => {
  test('in the repositories of a service keeps it from starting, and both places are named', async (t) => {
    const other = temporaryFolder();
    t.after(() => other.remove());
    await writeModel(other.path, 'plain', { graph: identity() });
    await assert.rejects(startModelService('custom', folder.path, { args: ['--model-repository', other.path] }), {
      code: 'INVALID_ARGUMENT',
      message: `two models are named 'plain': ${join(folder.path, 'plain')} and ${join(other.path, 'plain')}`,
    });
  });

  test('in two services serves nobody while both claim it, and says so', async (t) => {
    const models = [
      { name: 'plain', version: '1', state: 'MODEL_STATE_READY' as const, maxBatchSize: 1, instances: 1 },
    ];
    const rival = await playReplica({ replicaId: 'r', service: 'nlp', models });
    const router = await startRouterOver([mesh.custom.address, rival.address]);
    const client = dial(router.address);
    t.after(async () => {
      client.close();
      await rival.stop();
      await router.stop();
    });
    const conflict = "model 'plain' is claimed by the services custom and nlp";
    assert.equal((await client.call(inferPath, inferFloats('plain', [1, 2]))).result, `UNAVAILABLE ${conflict}`);
    const listed = await client.ask<RepositoryIndexResponse__Output>(`${protocol}/RepositoryIndex`, {});
    assert.deepEqual(
      listed.models.filter(({ name }) => name === 'plain').map(({ state, reason }) => `${state} ${reason}`),
      [`UNAVAILABLE ${conflict}`],
    );
    assert.equal((await client.call(inferPath, inferFloats('latest', [1, 2]))).result, 'OK');
  });
});
