import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeConfig, parseConfigText } from '@weft/models';
import { float32Tensor, type TensorMap, type TensorSpec } from '@weft/tensor';
import { shownTensors } from './shown-tensors.ts';

const spec = (name: string, shape: readonly number[]): TensorSpec => ({ name, datatype: 'FP32', shape });

/** y = x, of any shape; what was fed and asked for is kept. */
function model(text: string, x: readonly number[], outputs: readonly TensorSpec[]) {
  const fed: [number[], readonly string[] | undefined][] = [];
  const inner = {
    inputs: [spec('x', x)],
    outputs,
    async run(feeds: TensorMap, names?: readonly string[]): Promise<TensorMap> {
      fed.push([[...(feeds['x']?.shape ?? [])], names]);
      return { y: feeds['x'] as TensorMap[string] };
    },
  };
  return { fed, tensors: shownTensors(completeConfig(parseConfigText(text), inner), inner) };
}

const tensor = (...shape: number[]) => ({
  x: float32Tensor(shape, new Float32Array(shape.reduce((a, b) => a * b, 1))),
});

test('open dimensions keep their order when a tensor is reshaped, both ways', async () => {
  const { fed, tensors } = model(
    `max_batch_size: 8 input { name: "x" dims: [ 4, -1, 2, -1 ] reshape { shape: [ 2, 2, -1, 2, -1 ] } }
     output { name: "y" dims: [ 4, -1, 2, -1 ] reshape { shape: [ 2, 2, -1, 2, -1 ] } }`,
    [-1, 2, 2, -1, 2, -1],
    [spec('y', [-1, 2, 2, -1, 2, -1])],
  );
  assert.deepEqual(
    [tensors.inputs, tensors.outputs],
    [[spec('x', [-1, 4, -1, 2, -1])], [spec('y', [-1, 4, -1, 2, -1])]],
  );
  const { y } = await tensors.run(tensor(3, 4, 5, 2, 7));
  assert.deepEqual([fed, y?.shape], [[[[3, 2, 2, 5, 2, 7], undefined]], [3, 4, 5, 2, 7]]);
});

test('without rows a tensor of one element becomes a scalar', async () => {
  const { fed, tensors } = model('input { name: "x" dims: 1 reshape { } } output { name: "y" }', [], [spec('y', [])]);
  assert.deepEqual(tensors.inputs, [spec('x', [1])]);
  await tensors.run(tensor(1));
  assert.deepEqual(fed, [[[], undefined]]);
});

test('only the outputs that are listed are offered and computed', async () => {
  const { fed, tensors } = model(
    'max_batch_size: 2 output { name: "y" }',
    [-1, 2],
    [spec('y', [-1, 2]), spec('z', [-1, 2])],
  );
  assert.deepEqual(
    tensors.outputs.map(({ name }) => name),
    ['y'],
  );
  await tensors.run(tensor(1, 2));
  assert.deepEqual(fed[0]?.[1], ['y']);
});
