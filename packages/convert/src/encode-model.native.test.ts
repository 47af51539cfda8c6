import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from './encode-model.ts';
import { externalOnnxTensor, type OnnxGraph, onnxNode, onnxTensor, onnxValue } from './onnx-model.ts';
import { openOnnx } from './testing/onnx-session.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

async function infer(graph: OnnxGraph, feeds: Record<string, Tensor>): Promise<Tensor> {
  const session = await openOnnx(encodeModel(graph));
  const results = await session.run(feeds);
  await session.release();
  const [output = ''] = session.outputNames;
  return results[output] as Tensor;
}

test('an encoded graph computes, with named sizes of any value', async () => {
  const graph: OnnxGraph = {
    inputs: [onnxValue('x', 'FP32', ['batch', 2])],
    outputs: [onnxValue('y', 'FP32', ['batch', 2])],
    initializers: [onnxTensor('one', { datatype: 'FP32', shape: [], elements: [1] })],
    nodes: [onnxNode('Add', { inputs: ['x', 'one'], outputs: ['y'] })],
  };
  for (const rows of [1, 3]) {
    const y = await infer(graph, { x: new Tensor('float32', new Float32Array(rows * 2).fill(2.5), [rows, 2]) });
    assert.deepEqual(y.dims, [rows, 2]);
    assert.deepEqual(y.data, new Float32Array(rows * 2).fill(3.5));
  }
});

test('attributes of every kind reach the runtime', async () => {
  const tensor = onnxTensor('', { datatype: 'FP32', shape: [2], elements: [0.5, 7] });
  const cases: [OnnxGraph['nodes'][number], number[], number[]][] = [
    [
      onnxNode('LeakyRelu', { inputs: ['x'], outputs: ['y'], attributes: { alpha: { float: 0.25 } } }),
      [1, 4, 1, 1],
      [-1, 4, 1, 2],
    ],
    [
      onnxNode('Concat', { inputs: ['x', 'x'], outputs: ['y'], attributes: { axis: { int: -1 } } }),
      [1, 4, 1, 2],
      [-4, -4, 4, 4, 1, 1, 2, 2],
    ],
    [
      onnxNode('Transpose', { inputs: ['x'], outputs: ['y'], attributes: { perm: { ints: [2, 3, 0, 1] } } }),
      [1, 1, 1, 4],
      [-4, 4, 1, 2],
    ],
    [
      onnxNode('DepthToSpace', {
        inputs: ['x'],
        outputs: ['y'],
        attributes: { blocksize: { int: 2 }, mode: { string: 'CRD' } },
      }),
      [1, 1, 2, 2],
      [-4, 4, 1, 2],
    ],
    [onnxNode('Constant', { inputs: [], outputs: ['y'], attributes: { value: { tensor } } }), [2], [0.5, 7]],
    [
      onnxNode('Constant', { inputs: [], outputs: ['y'], attributes: { value_floats: { floats: [0.5, 1.5] } } }),
      [2],
      [0.5, 1.5],
    ],
  ];
  const x = new Tensor('float32', Float32Array.of(-4, 4, 1, 2), [1, 4, 1, 1]);
  for (const [node, shape, expected] of cases) {
    const graph = { inputs: [onnxValue('x', 'FP32', x.dims)], outputs: [onnxValue('y', 'FP32', shape)], nodes: [node] };
    const y = await infer(graph, { x });
    assert.deepEqual([y.dims, y.data], [shape, Float32Array.from(expected)], node.operator);
  }
});

test('a loop multiplies a matrix as often as its input says', async () => {
  const body: OnnxGraph = {
    inputs: [onnxValue('i', 'INT64', []), onnxValue('going', 'BOOL', []), onnxValue('m', 'FP32', [2, 2])],
    outputs: [onnxValue('still', 'BOOL', []), onnxValue('product', 'FP32', [2, 2])],
    nodes: [
      onnxNode('Identity', { inputs: ['going'], outputs: ['still'] }),
      onnxNode('MatMul', { inputs: ['m', 'shear'], outputs: ['product'] }),
    ],
  };
  const graph: OnnxGraph = {
    inputs: [onnxValue('count', 'INT64', [])],
    outputs: [onnxValue('result', 'FP32', [2, 2])],
    initializers: [
      onnxTensor('shear', { datatype: 'FP32', shape: [2, 2], elements: [1, 1, 0, 1] }),
      onnxTensor('yes', { datatype: 'BOOL', shape: [], elements: [1] }),
    ],
    nodes: [
      onnxNode('Loop', {
        inputs: ['count', 'yes', 'shear'],
        outputs: ['result'],
        attributes: { body: { graph: body } },
      }),
    ],
  };
  const result = await infer(graph, { count: new Tensor('int64', BigInt64Array.of(9n), []) });
  assert.deepEqual(result.data, Float32Array.of(1, 10, 0, 1));
});

test('constants of every datatype come back as they were written', async () => {
  for (const [datatype, elements] of [
    ['FP32', Float32Array.of(0.5, -1)],
    ['FP64', Float64Array.of(0.1, -1)],
    ['INT8', Int8Array.of(-128, 127)],
    ['INT16', Int16Array.of(-32768, 5)],
    ['INT32', Int32Array.of(-(2 ** 31), 5)],
    ['INT64', BigInt64Array.of(-(2n ** 62n), 5n)],
    ['UINT8', Uint8Array.of(255, 0)],
    ['UINT16', Uint16Array.of(65535, 0)],
    ['UINT32', Uint32Array.of(2 ** 32 - 1, 0)],
    ['UINT64', BigUint64Array.of(2n ** 63n, 0n)],
    ['BOOL', Uint8Array.of(1, 0)],
    ['BYTES', ['', 'žluťoučký 馬']],
  ] as const) {
    const graph: OnnxGraph = {
      inputs: [],
      outputs: [onnxValue('y', datatype, [2])],
      initializers: [onnxTensor('c', { datatype: datatype, shape: [2], elements: elements })],
      nodes: [onnxNode('Identity', { inputs: ['c'], outputs: ['y'] })],
    };
    const y = await infer(graph, {});
    assert.deepEqual([...(y.data as Iterable<unknown>)], [...elements], datatype);
  }
});

test('an external tensor is read from the file beside the model', async () => {
  const folder = temporaryFolder();
  const graph: OnnxGraph = {
    inputs: [],
    outputs: [onnxValue('y', 'FP32', [2])],
    initializers: [
      externalOnnxTensor('c', { datatype: 'FP32', shape: [2] }, { location: 'c.bin', offset: 4, length: 8 }),
    ],
    nodes: [onnxNode('Identity', { inputs: ['c'], outputs: ['y'] })],
  };
  await writeFile(join(folder, 'c.bin'), Buffer.from(Float32Array.of(0, 1.5, 2.5).buffer));
  await writeFile(join(folder, 'model.onnx'), encodeModel(graph));
  const session = await InferenceSession.create(join(folder, 'model.onnx'));
  assert.deepEqual((await session.run({}))['y']?.data, Float32Array.of(1.5, 2.5));
  await session.release();
});

test('elements that do not fit are refused at once', () => {
  assert.throws(
    () => onnxTensor('t', { datatype: 'FP32', shape: [2, 2], elements: [1, 2, 3] }),
    /t: 3 elements do not fill the shape \[2, 2\]/,
  );
  assert.throws(
    () => onnxTensor('t', { datatype: 'FP32', shape: [1], elements: Float64Array.of(1) }),
    /elements of FP32 come as Float32Array or as numbers/,
  );
});
