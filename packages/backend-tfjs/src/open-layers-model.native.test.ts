import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { BackendOptions } from '@weft/runtime';
import { float32Tensor } from '@weft/tensor';
import { authorLayers, removeAuthored } from './testing/author-model.ts';
import { authorDense, inputLayer } from './testing/example-models.ts';
import { tfjsBackend } from './tfjs-backend.ts';

const options: BackendOptions = { providers: ['cpu'], deviceId: 0, threads: 1 };

after(removeAuthored);

test('a layers model goes by the names of its layers, and takes more rows than a batch of 32', async () => {
  const model = await tfjsBackend.load(await authorDense(), options);
  assert.deepEqual(model.inputs, [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }]);
  assert.deepEqual(
    model.outputs.map(({ name, shape }) => [name, shape]),
    [
      ['dense', [-1, 1]],
      ['damped', [-1, 1]],
    ],
  );
  assert.deepEqual(await model.run({ x: float32Tensor([40, 2], new Float32Array(80).fill(1)) }), {
    dense: float32Tensor([40, 1], new Float32Array(40).fill(6)),
    damped: float32Tensor([40, 1], new Float32Array(40).fill(3)),
  });
  await model.unload();
});

test('a layers model gives the chosen outputs, and takes a batch of no rows', async () => {
  const model = await tfjsBackend.load(await authorDense(), options);
  assert.deepEqual(await model.run({ x: float32Tensor([1, 2], Float32Array.of(1, 1)) }, ['damped']), {
    damped: float32Tensor([1, 1], Float32Array.of(3)),
  });
  assert.deepEqual(await model.run({ x: float32Tensor([0, 2], new Float32Array(0)) }, ['dense']), {
    dense: float32Tensor([0, 1], new Float32Array(0)),
  });
  await model.unload();
});

test('PixelShuffle moves channels into the plane', async () => {
  const shuffle = {
    class_name: 'PixelShuffle',
    name: 'y',
    config: { scale: 2, name: 'y' },
    inbound_nodes: [[['x', 0, 0, {}]]],
  };
  const layers = [inputLayer('x', [null, null, null, 4]), shuffle];
  const model = await tfjsBackend.load(await authorLayers({ layers, inputs: ['x'], outputs: ['y'] }), options);
  assert.deepEqual(model.outputs, [{ name: 'y', datatype: 'FP32', shape: [-1, -1, -1, 1] }]);
  assert.deepEqual(await model.run({ x: float32Tensor([1, 1, 2, 4], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)) }), {
    y: float32Tensor([1, 2, 4, 1], Float32Array.of(1, 2, 5, 6, 3, 4, 7, 8)),
  });
  await model.unload();
});

test('a layer that nobody knows is named in the refusal', async () => {
  const unknown = { class_name: 'Frobnicate', name: 'x', config: { name: 'x' }, inbound_nodes: [] };
  const path = await authorLayers({ layers: [unknown], inputs: ['x'], outputs: ['x'] });
  await assert.rejects(tfjsBackend.load(path, options), {
    code: 'INVALID_ARGUMENT',
    message: 'TensorFlow.js cannot load the model: Unknown layer: Frobnicate',
  });
});
