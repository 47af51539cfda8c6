import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import {
  input,
  type LayersModel,
  layers,
  model as functional,
  type SymbolicTensor,
  sequential,
} from '@tensorflow/tfjs-layers';
import { convertLayersModel } from './convert-layers-model.ts';
import { inferOnnx, openOnnx } from './testing/onnx-session.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { largestDifference, testImage } from './testing/test-image.ts';
import { type FloatTensor, inferTfjs, saveTfjsModel, startTfjs } from './testing/tfjs-reference.ts';

before(startTfjs);

const image = testImage(2, 6, 5);
const conv = (name: string, filters = 3) =>
  layers.conv2d({ name, filters, kernelSize: 3, padding: 'same', activation: 'tanh' });
const apply = (layer: { apply: (x: SymbolicTensor) => unknown }, x: SymbolicTensor) => layer.apply(x) as SymbolicTensor;

async function agrees(model: LayersModel, inputs: readonly FloatTensor[], path?: string): Promise<string[][]> {
  const converted = await convertLayersModel(path ?? (await saveTfjsModel(model)));
  const session = await openOnnx(converted.onnx);
  const got = await inferOnnx(session, inputs);
  await session.release();
  for (const [index, expected] of inferTfjs(model, inputs).entries()) {
    assert.deepEqual(got[index]?.shape, expected.shape);
    assert.ok(largestDifference(expected.values, got[index].values) < 1e-5);
  }
  return [converted.inputs.map(({ name }) => name), converted.outputs.map(({ name }) => name)];
}

test('a Sequential model keeps the names of TensorFlow.js', async () => {
  const model = sequential({
    layers: [layers.conv2d({ name: 'first', filters: 2, kernelSize: 2, inputShape: [6, 5, 3] }), conv('last')],
  });
  assert.deepEqual(await agrees(model, [image]), [['first_input'], ['last']]);
});

test('models nest, as Functional and as Sequential, and may be called twice', async () => {
  const x = input({ name: 'inner_x', shape: [null, null, 3] });
  const inner = functional({ name: 'inner', inputs: x, outputs: apply(conv('inner_conv'), x) });
  const chain = sequential({
    name: 'chain',
    layers: [layers.conv2d({ name: 'chain_conv', filters: 3, kernelSize: 1, inputShape: [6, 5, 3] })],
  });
  const whole = input({ name: 'x', shape: [6, 5, 3] });
  const twice = apply(inner, apply(inner, apply(chain, whole)));
  const sum = layers.add({ name: 'sum' }).apply([twice, whole]) as SymbolicTensor;
  assert.deepEqual(await agrees(functional({ inputs: whole, outputs: sum }), [image]), [['x'], ['sum']]);
});

test('a Sequential model may begin with a model', async () => {
  const x = input({ name: 'inner_x', shape: [6, 5, 3] });
  const inner = functional({ name: 'inner', inputs: x, outputs: apply(conv('c'), x) });
  const model = sequential({ layers: [inner as unknown as ReturnType<typeof conv>, conv('end')] });
  assert.deepEqual(await agrees(model, [image]), [['inner_x'], ['end']]);
});

test('several inputs and outputs keep their order, and an input may be an output', async () => {
  const a = input({ name: 'a', shape: [6, 5, 3] });
  const b = input({ name: 'b', shape: [6, 5, 3] });
  const difference = layers.concatenate({ name: 'both' }).apply([b, apply(conv('c'), a)]) as SymbolicTensor;
  const model = functional({ inputs: [b, a], outputs: [difference, a] });
  const brighter = { shape: image.shape, values: image.values.map((value) => value + 1) };
  assert.deepEqual(await agrees(model, [brighter, image]), [
    ['b', 'a'],
    ['both', 'a_1'],
  ]);
});

test('layers may be listed in any order', async () => {
  const x = input({ name: 'x', shape: [6, 5, 3] });
  const model = functional({
    inputs: x,
    outputs: apply(conv('third'), apply(conv('second'), apply(conv('first'), x))),
  });
  const path = await saveTfjsModel(model);
  await edit(path, (layerList) => layerList.reverse());
  await agrees(model, [image], path);
});

test('unsupported layers are all named, with their classes, before anything else is read', async () => {
  const layer = (class_name: string, name: string, config = {}) => ({
    class_name,
    name,
    config: { name, ...config },
    inbound_nodes: [],
  });
  const inner = layer('Sequential', 'inner', { layers: [layer('GRU', 'memory')] });
  const config = {
    layers: [layer('Lambda', 'my_lambda'), layer('Dense', 'd'), inner],
    input_layers: [],
    output_layers: [],
  };
  const path = join(temporaryFolder(), 'model.json');
  await writeFile(path, JSON.stringify({ modelTopology: { class_name: 'Functional', config } }));
  await assert.rejects(convertLayersModel(path), {
    code: 'UNIMPLEMENTED',
    message: 'layers that cannot be converted: Lambda "my_lambda", GRU "memory"',
  });
});

test('what is wrong with a layer is said with its name and class', async () => {
  const x = input({ name: 'x', shape: [6, 5, 3] });
  const path = await saveTfjsModel(functional({ inputs: x, outputs: apply(conv('c', 2), apply(conv('b'), x)) }));
  const cases: [Partial<LayerJson>, string, RegExp][] = [
    [
      { config: { data_format: 'channels_first' } },
      'INVALID_ARGUMENT',
      /^layer "c" \(Conv2D\): data_format "channels_first" is not supported$/,
    ],
    [
      { config: { activation: 'my_own' } },
      'INVALID_ARGUMENT',
      /^layer "c" \(Conv2D\): activation "my_own" is not supported$/,
    ],
    [{ config: { strides: [0, 1] } }, 'INVALID_ARGUMENT', /^layer "c" \(Conv2D\): strides needs 2 positive integers$/],
    [{ config: { kernel_size: [5, 5] } }, 'INVALID_ARGUMENT', /^layer "c" \(Conv2D\): kernel is not of kernel_size$/],
    [
      { inbound_nodes: [[['gone', 0, 0]]] },
      'INVALID_ARGUMENT',
      /^layer "c" \(Conv2D\): reads from a layer "gone" that does not exist$/,
    ],
    [{ inbound_nodes: [[['c', 0, 0]]] }, 'INVALID_ARGUMENT', /^the model: layers are not connected to an input: "c"$/],
    [{ inbound_nodes: [{ args: [] }] }, 'UNIMPLEMENTED', /^layer "c" is wired in the form of Keras 3/],
    [
      { inbound_nodes: [[['b', 0, 0, { mask: true }]]] },
      'UNIMPLEMENTED',
      /^inbound_nodes of layer "c": calls with mask cannot be converted$/,
    ],
  ];
  const original = await readFile(path);
  for (const [change, code, message] of cases) {
    await edit(path, (layerList) => {
      const layer = layerList.find(({ config }) => config['name'] === 'c');
      Object.assign(layer ?? {}, change, { config: { ...layer?.config, ...change.config } });
    });
    await assert.rejects(convertLayersModel(path), { code, message });
    await writeFile(path, original);
  }
});

test('a missing weight is said with its layer', async () => {
  const x = input({ name: 'x', shape: [6, 5, 3] });
  const path = await saveTfjsModel(functional({ inputs: x, outputs: apply(conv('c'), x) }));
  const json = JSON.parse(await readFile(path, 'utf8'));
  json.weightsManifest[0].weights[0].name = 'other/kernel';
  await writeFile(path, JSON.stringify(json));
  await assert.rejects(convertLayersModel(path), {
    code: 'INVALID_ARGUMENT',
    message: 'layer "c" (Conv2D): the model has no weight kernel for it',
  });
});

interface LayerJson {
  config: Record<string, unknown>;
  inbound_nodes: unknown[];
}

async function edit(path: string, change: (layerList: LayerJson[]) => unknown): Promise<void> {
  const json = JSON.parse(await readFile(path, 'utf8'));
  change(json.modelTopology.config.layers);
  await writeFile(path, JSON.stringify(json));
}
