import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { memory } from '@tensorflow/tfjs-core';
import type { BackendOptions } from '@weft/runtime';
import { float32Elements, float32Tensor, int32Tensor, type Tensor } from '@weft/tensor';
import {
  type AuthoredWeight,
  authorGraph,
  constant,
  entry,
  float,
  placeholder,
  removeAuthored,
} from './testing/author-model.ts';
import { authorArithmetic } from './testing/example-models.ts';
import { tfjsBackend } from './tfjs-backend.ts';

const options: BackendOptions = { providers: ['cpu'], deviceId: 0, threads: 1 };

after(removeAuthored);

test('without a signature, inputs are the placeholders and outputs the nodes that nothing reads', async () => {
  const path = await authorGraph({
    nodes: [
      placeholder('x', 'DT_INT32', [-1, 2]),
      { name: 'twice', op: 'AddV2', input: ['x', 'x'], attr: { T: { type: 'DT_INT32' } } },
      { name: 'equal', op: 'Equal', input: ['twice', 'x'], attr: { T: { type: 'DT_INT32' } } },
      { name: 'cast', op: 'Cast', input: ['twice'], attr: { SrcT: { type: 'DT_INT32' }, DstT: { type: 'DT_FLOAT' } } },
    ],
  });
  const model = await tfjsBackend.load(path, options);
  assert.deepEqual(model.inputs, [{ name: 'x', datatype: 'INT32', shape: [-1, 2] }]);
  assert.deepEqual(model.outputs, [
    { name: 'equal', datatype: 'BOOL', shape: [] },
    { name: 'cast', datatype: 'FP32', shape: [] },
  ]);
  assert.deepEqual(await model.run({ x: int32Tensor([1, 2], Int32Array.of(0, 5)) }), {
    equal: { datatype: 'BOOL', shape: [1, 2], elements: Uint8Array.of(1, 0) },
    cast: float32Tensor([1, 2], Float32Array.of(0, 10)),
  });
  await model.unload();
});

test('any node of a graph can be asked for by its name', async () => {
  const model = await tfjsBackend.load(await authorArithmetic(), options);
  const a = float32Tensor([1, 3], Float32Array.of(1, 2, 3));
  const b = float32Tensor([1, 3], Float32Array.of(4, 4, 4));
  assert.deepEqual(await model.run({ a, b }, ['inner/difference', 'sum', 'inner/weighted:0']), {
    'inner/difference': float32Tensor([1, 3], Float32Array.of(-3, -2, -1)),
    sum: float32Tensor([1, 3], Float32Array.of(5, 6, 7)),
    'inner/weighted:0': float32Tensor([1, 3], Float32Array.of(1, 20, 300)),
  });
  await model.unload();
});

test('an input may be fed under the name of its node', async () => {
  const path = await authorGraph({
    nodes: [
      placeholder('Placeholder', 'DT_FLOAT', [-1]),
      { name: 'out', op: 'Neg', input: ['Placeholder'], attr: float },
    ],
    signature: {
      inputs: { x: entry('Placeholder:0', 'DT_FLOAT', [-1]) },
      outputs: { y: entry('out:0', 'DT_FLOAT', [-1]) },
    },
  });
  const model = await tfjsBackend.load(path, options);
  for (const name of ['x', 'Placeholder', 'Placeholder:0']) {
    const { y } = await model.run({ [name]: float32Tensor([1], Float32Array.of(2)) });
    assert.deepEqual([...float32Elements(y as Tensor)], [-2]);
  }
  await model.unload();
});

test('a graph whose sizes depend on values runs', async () => {
  const path = await authorGraph({
    nodes: [
      placeholder('mask', 'DT_BOOL', [-1]),
      { name: 'where', op: 'Where', input: ['mask'], attr: { T: { type: 'DT_BOOL' } } },
      { name: 'inverse', op: 'LogicalNot', input: ['mask'] },
    ],
  });
  const model = await tfjsBackend.load(path, options);
  const mask: Tensor = { datatype: 'BOOL', shape: [4], elements: Uint8Array.of(1, 0, 0, 1) };
  for (let run = 0; run < 2; run++) {
    assert.deepEqual(await model.run({ mask }, ['where', 'inverse']), {
      where: int32Tensor([2, 1], Int32Array.of(0, 3)),
      inverse: { datatype: 'BOOL', shape: [4], elements: Uint8Array.of(0, 1, 1, 0) },
    });
  }
  await model.unload();
});

test('a result that is a weight or an input can be taken without harm', async () => {
  const path = await authorGraph({
    nodes: [placeholder('x', 'DT_FLOAT', [-1]), { name: 'same', op: 'Identity', input: ['x'], attr: float }],
    weights: [{ name: 'weight', shape: [2], values: [7, 8] }],
  });
  const model = await tfjsBackend.load(path, options);
  const x = float32Tensor([2], Float32Array.of(1, 2));
  for (let run = 0; run < 3; run++) {
    const { weight, same } = await model.run({ x }, ['weight', 'same']);
    assert.deepEqual(weight, float32Tensor([2], Float32Array.of(7, 8)));
    assert.deepEqual(same, x);
    float32Elements(weight).fill(0);
  }
  await model.unload();
});

test('a loop that fills a list of tensors runs, and frees the list', async () => {
  const model = await tfjsBackend.load(await authorSquaringLoop(), options);
  const x = float32Tensor([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
  assert.deepEqual(await model.run({ x }), { squares: float32Tensor([3, 2], Float32Array.of(1, 4, 9, 16, 25, 36)) });
  const settled = memory().numTensors;
  for (let run = 0; run < 20; run++) await model.run({ x });
  assert.equal(memory().numTensors, settled);
  await model.unload();
});

/** squares[i] = x[i] × x[i], row by row, the way TensorFlow writes a map over rows. */
function authorSquaringLoop(): Promise<string> {
  const integer = (name: string, shape: number[], values: number[]): AuthoredWeight => {
    return { name, shape, values, dtype: 'int32' };
  };
  const [one, rowShape] = [integer('body/one', [], [1]), integer('body/row', [1], [2])];
  const element = { element_dtype: { type: 'DT_FLOAT' } };
  const state = ['index', 'end', 'list_from', 'list_to'];
  const typed = (name: string) => ({ name, type: name.startsWith('list') ? 'DT_VARIANT' : 'DT_INT32' });
  const body = {
    signature: { name: 'body', inputArg: state.map(typed), outputArg: state.map((name) => typed(`${name}_out`)) },
    nodeDef: [
      constant(one),
      constant(rowShape),
      { name: 'row', op: 'TensorListGetItem', input: ['list_from', 'index', 'body/row:output:0'], attr: element },
      { name: 'square', op: 'Mul', input: ['row:item:0', 'row:item:0'], attr: float },
      { name: 'set', op: 'TensorListSetItem', input: ['list_to', 'index', 'square:z:0'], attr: element },
      { name: 'next', op: 'AddV2', input: ['index', 'body/one:output:0'], attr: { T: { type: 'DT_INT32' } } },
    ],
    ret: { index_out: 'next:z:0', end_out: 'end', list_from_out: 'list_from', list_to_out: 'set:output_handle:0' },
  };
  const condition = {
    signature: { name: 'condition', inputArg: state.map(typed), outputArg: [{ name: 'goes_on', type: 'DT_BOOL' }] },
    nodeDef: [{ name: 'less', op: 'Less', input: ['index', 'end'], attr: { T: { type: 'DT_INT32' } } }],
    ret: { goes_on: 'less:z:0' },
  };
  const functions = { cond: { func: { name: 'condition' } }, body: { func: { name: 'body' } } };
  return authorGraph({
    nodes: [
      placeholder('x', 'DT_FLOAT', [3, 2]),
      { name: 'from', op: 'TensorListFromTensor', input: ['x', 'size'], attr: element },
      { name: 'to', op: 'TensorListReserve', input: ['size', 'rows'], attr: element },
      { name: 'loop', op: 'StatelessWhile', input: ['zero', 'rows', 'from', 'to'], attr: functions },
      {
        name: 'squares',
        op: 'TensorListStack',
        input: ['loop:3', 'size'],
        attr: { ...element, num_elements: { i: '3' } },
      },
    ],
    signature: {
      inputs: { x: entry('x:0', 'DT_FLOAT', [3, 2]) },
      outputs: { squares: entry('squares:0', 'DT_FLOAT', [3, 2]) },
    },
    weights: [integer('zero', [], [0]), integer('rows', [], [3]), integer('size', [1], [2]), one, rowShape],
    functions: [body, condition],
  });
}
