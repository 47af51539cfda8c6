import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { encodeModel, externalOnnxTensor, onnxNode, onnxValue } from '@weft/convert';
import { openVersionStore } from '@weft/models';
import { MemoryEventLog } from '@weft/models/testing';
import { readyModelFile } from './ready-model-file.ts';

const root = mkdtempSync(join(tmpdir(), 'weft-model-file-'));
const folder = join(root, 'model');
const cache = join(root, 'cache');
mkdirSync(folder);
after(() => rmSync(root, { recursive: true }));

function writeModelWithWeightsAt(location: string): string {
  const file = join(folder, 'model.onnx');
  writeFileSync(file, modelWithWeightsAt(location));
  return file;
}

function modelWithWeightsAt(location: string): Uint8Array {
  const weights = externalOnnxTensor('w', { datatype: 'FP32', shape: [4] }, { location });
  const graph = {
    inputs: [onnxValue('x', 'FP32', [4])],
    outputs: [onnxValue('y', 'FP32', [4])],
    initializers: [weights],
    nodes: [onnxNode('Add', { inputs: ['x', 'w'], outputs: ['y'] })],
  };
  return encodeModel(graph);
}

test('weights beside the model are fine', async () => {
  writeFileSync(join(folder, 'weights.bin'), new Uint8Array(16));
  const file = writeModelWithWeightsAt('weights.bin');
  assert.equal(await readyModelFile(file, 'onnxruntime', cache), file);
});

test('a model that reads files outside its folder is refused before any runtime sees it', async () => {
  writeFileSync(join(root, 'secret.bin'), new Uint8Array(16));
  symlinkSync(join(root, 'secret.bin'), join(folder, 'link.bin'));
  for (const location of ['../secret.bin', '/etc/passwd', 'link.bin', 'absent.bin', '*/_ORT_MEM_ADDR_/*', '']) {
    const file = writeModelWithWeightsAt(location);
    await assert.rejects(readyModelFile(file, 'onnxruntime', cache), {
      code: 'INVALID_ARGUMENT',
      message: /no file in its folder/,
    });
  }
});

test('a pushed model reads the files of its manifest, and no others of the machine', async (t) => {
  const events = new MemoryEventLog();
  const place = async (location: string, paths: readonly string[]): Promise<string> => {
    const files = [];
    for (const path of paths) {
      const content = Buffer.from(path === 'model.onnx' ? modelWithWeightsAt(location) : new Uint8Array(16));
      const sha256 = createHash('sha256').update(content).digest('hex');
      files.push({ path, sha256, size: content.length, source: '' });
      await events.artifacts.put({ sha256, size: content.length }, Readable.from([content]));
    }
    const version = { version: '1', config: null, files, signatures: [] };
    const directory = await store.place({ model: 'm', service: 'custom', version }, { signal: t.signal });
    return readyModelFile(join(directory, '1/model.onnx'), 'onnxruntime', cache);
  };
  const settings = {
    artifactRoots: [],
    artifactHosts: [],
    artifactPrivateHosts: [],
    maxArtifactBytes: 1_000_000,
    hfEndpoint: 'https://huggingface.co',
    hfTokenFile: undefined,
    trustedKeys: [],
    dataDirectory: join(root, 'data'),
  };
  const store = openVersionStore({ settings, service: 'custom', npmRoots: [], depot: events.artifacts });
  t.after(() => store.close());
  await place('weights.bin', ['model.onnx', 'weights.bin']);
  await place('deep/weights.bin', ['model.onnx', 'deep/weights.bin']);
  const cached = `../../../../../files/${createHash('sha256').update(new Uint8Array(16)).digest('hex')}`;
  for (const location of ['weights.bin', '../1/../2/weights.bin', '/etc/passwd', cached, 'deep/../../x', 'deep']) {
    await assert.rejects(place(location, ['model.onnx', 'other.bin']), {
      code: 'INVALID_ARGUMENT',
      message: /no file in its folder/,
    });
  }
});

test('a layers model is converted once, and again when only its weights change', async () => {
  const dense = {
    class_name: 'Dense',
    config: { name: 'd', units: 1, activation: 'linear', use_bias: false, batch_input_shape: [null, 1] },
  };
  const modelTopology = { model_config: { class_name: 'Sequential', config: { name: 's', layers: [dense] } } };
  const weights = [{ name: 'd/kernel', shape: [1, 1], dtype: 'float32' }];
  const file = join(folder, 'model.json');
  writeFileSync(
    file,
    JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest: [{ paths: ['shard.bin'], weights }] }),
  );
  const convertWith = (weight: number): Promise<string> => {
    writeFileSync(join(folder, 'shard.bin'), new Uint8Array(Float32Array.of(weight).buffer));
    return readyModelFile(file, 'onnxruntime', cache);
  };
  const first = await convertWith(1);
  assert.equal(await convertWith(1), first);
  assert.notEqual(await convertWith(2), first);
  assert.equal(readdirSync(join(cache, 'converted')).length, 2);
});

test('a model of TensorFlow.js for TensorFlow.js is left as it is', async () => {
  assert.equal(await readyModelFile('/somewhere/model.json', 'tensorflowjs', cache), '/somewhere/model.json');
});
