// Every layer class against TensorFlow.js: small models with random weights, saved as TensorFlow.js saves them,
// converted, and run on both.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { input, type LayersModel, layers, model as functional, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { convertLayersModel } from './convert-layers-model.ts';
import { supportedLayers } from './emit-layer.ts';
import { anySize, type Build, callLayer, fixedSize, image, type LayerCase, layerCases } from './testing/layer-cases.ts';
import { inferOnnx, openOnnx } from './testing/onnx-session.ts';
import { largestDifference, randomNumbers } from './testing/test-image.ts';
import { type FloatTensor, inferTfjs, saveTfjsModel, startTfjs } from './testing/tfjs-reference.ts';

before(startTfjs);

for (const className of supportedLayers) {
  test(`${className} computes what it computes in TensorFlow.js`, async () => {
    const own = layerCases.filter(({ title }) => title.split(':')[0] === className);
    assert.ok(own.length > 0, 'there is a case for it');
    for (const layerCase of own) {
      const { title, inputs, build } = layerCase;
      await compare(layerCase);
      if (inputs[0]?.length !== 3) continue;
      // Between convolutions the input of a layer has its channels first: that is another graph.
      const between = {
        title: `${title}, after a convolution`,
        inputs,
        build: (...x: SymbolicTensor[]) => build(...x.map(convolve)),
      };
      await compare(between);
      if (anySize.has(className) && !fixedSize.has(title)) await compare(between, { anySize: true });
    }
  });
}

test('layers chain, branch and share weights as in TensorFlow.js', async () => {
  const build: Build = (a, b) => {
    const shared = layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu' });
    const sum = callLayer(layers.add(), [
      callLayer(shared, a as SymbolicTensor),
      callLayer(shared, callLayer(shared, b as SymbolicTensor)),
    ]);
    const joined = callLayer(layers.concatenate({ axis: -1 }), [sum, a as SymbolicTensor]);
    const pooled = callLayer(layers.globalAveragePooling2d({}), callLayer(layers.batchNormalization({}), joined));
    return callLayer(layers.dense({ units: 3, activation: 'softmax' }), pooled);
  };
  await compare({ title: 'shared', inputs: [image, image], build });
});

test('what would be computed wrongly is refused by layer', async () => {
  const refused: [LayerCase, boolean, RegExp][] = [
    [
      {
        title: 'pooling',
        inputs: [image],
        build: (x) =>
          callLayer(
            layers.averagePooling2d({ name: 'p', poolSize: 2, strides: 3, padding: 'same' }),
            x as SymbolicTensor,
          ),
      },
      true,
      /layer "p" \(AveragePooling2D\): padding "same" with strides beyond/,
    ],
    [
      {
        title: 'axis',
        inputs: [image],
        build: (x) => callLayer(layers.batchNormalization({ name: 'b', axis: -2 }), x as SymbolicTensor),
      },
      false,
      /layer "b" \(BatchNormalization\): an axis other than the last/,
    ],
  ];
  for (const [layerCase, anySize, message] of refused) {
    await assert.rejects(compare(layerCase, { anySize }), { code: 'INVALID_ARGUMENT', message });
  }
});

function convolve(x: SymbolicTensor): SymbolicTensor {
  const filters = x.shape.at(-1) ?? 1;
  return callLayer(layers.conv2d({ filters, kernelSize: 1, useBias: false }), x);
}

/** `anySize`: the model is built for images of any height and width. */
async function compare(layerCase: LayerCase, options: { readonly anySize?: boolean } = {}): Promise<void> {
  const { title, inputs: shapes, build } = layerCase;
  const { anySize = false } = options;
  const symbols = shapes.map((shape) => input({ shape: anySize ? [null, null, shape[2] ?? null] : [...shape] }));
  const model = functional({ inputs: symbols, outputs: build(...symbols) });
  randomize(model);
  const { onnx, outputs } = await convertLayersModel(await saveTfjsModel(model));
  const random = randomNumbers(shapes.length);
  const tensors = shapes.map((shape): FloatTensor => {
    const size = shape.reduce((product, n) => product * n, 2);
    return { shape: [2, ...shape], values: Float32Array.from({ length: size }, () => random() * 4 - 2) };
  });
  const [expected] = inferTfjs(model, tensors);
  const session = await openOnnx(onnx);
  const [got] = await inferOnnx(session, tensors);
  await session.release();
  model.dispose();
  assert.ok(expected !== undefined && got !== undefined);
  assert.deepEqual(got.shape, expected.shape, title);
  for (const [axis, size] of outputs[0]?.shape.entries() ?? [])
    assert.ok(size === expected.shape[axis] || (size === -1 && (axis === 0 || anySize)), title);
  const difference = largestDifference(expected.values, got.values);
  assert.ok(difference < 2e-5, `${title}: differs by ${difference}`);
}

/** Weights in 0.1..0.6, of either sign unless they are variances. */
function randomize(model: LayersModel): void {
  const random = randomNumbers(3);
  const variances = new Set(model.weights.map((weight, index) => (weight.name.includes('variance') ? index : -1)));
  const weights = model.getWeights().map((weight, index) => {
    const values = Float32Array.from(
      { length: weight.size },
      () => (0.1 + random() / 2) * (variances.has(index) || random() < 0.6 ? 1 : -1),
    );
    return tf.tensor(values, weight.shape);
  });
  model.setWeights(weights);
  tf.dispose(weights);
}
