import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodeModel, externalOnnxTensor, type OnnxGraph, onnxNode, onnxTensor, onnxValue } from '@weft/convert';
import type { BackendOptions } from '@weft/runtime';
import { backendContract, type ContractModels } from '@weft/runtime/testing';
import { type Datatype, float32Elements, float32Tensor, stringTensor, type Tensor } from '@weft/tensor';
import { onnxBackend } from './onnx-backend.ts';

const options: BackendOptions = { providers: ['cpu'], deviceId: 0, threads: 1 };
let folder: string;
let contractModels: ContractModels;

async function author(name: string, graph: OnnxGraph): Promise<string> {
  const path = join(folder, `${name}.onnx`);
  await writeFile(path, encodeModel(graph));
  return path;
}

function identity(datatype: Datatype, shape: readonly (number | string)[] = [-1]): OnnxGraph {
  return {
    inputs: [onnxValue('x', datatype, shape)],
    outputs: [onnxValue('y', datatype, shape)],
    nodes: [onnxNode('Identity', { inputs: ['x'], outputs: ['y'] })],
  };
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-onnx-'));
  const rows = ['batch', 3];
  const arithmetic: OnnxGraph = {
    inputs: [onnxValue('a', 'FP32', rows), onnxValue('b', 'FP32', [-1, 3])],
    outputs: [onnxValue('sum', 'FP32', rows), onnxValue('weighted', 'FP32', rows)],
    initializers: [onnxTensor('weight', float32Tensor([3], Float32Array.of(1, 10, 100)))],
    nodes: [
      onnxNode('Add', { inputs: ['a', 'b'], outputs: ['sum'] }),
      onnxNode('Mul', { inputs: ['a', 'weight'], outputs: ['weighted'] }),
    ],
  };
  const broken = join(folder, 'broken.onnx');
  await writeFile(broken, 'this is no model');
  const truncated = join(folder, 'truncated.onnx');
  const whole = encodeModel(arithmetic);
  await writeFile(truncated, whole.subarray(0, whole.length >> 1));
  contractModels = {
    arithmetic: await author('arithmetic', arithmetic),
    strings: await author('strings', {
      inputs: [onnxValue('text', 'BYTES', [-1])],
      outputs: [onnxValue('same', 'BYTES', [-1])],
      nodes: [onnxNode('Identity', { inputs: ['text'], outputs: ['same'] })],
    }),
    broken,
    truncated,
  };
});

after(() => rm(folder, { recursive: true }));

backendContract('onnxBackend', onnxBackend, async () => contractModels);

test('every datatype that onnxruntime takes passes with its values unchanged', async () => {
  const tensors: Tensor[] = [
    { datatype: 'BOOL', shape: [2], elements: Uint8Array.of(1, 0) },
    { datatype: 'UINT8', shape: [2], elements: Uint8Array.of(0, 255) },
    { datatype: 'UINT16', shape: [2], elements: Uint16Array.of(0, 65535) },
    { datatype: 'UINT32', shape: [2], elements: Uint32Array.of(0, 4294967295) },
    { datatype: 'UINT64', shape: [2], elements: BigUint64Array.of(0n, 18446744073709551615n) },
    { datatype: 'INT8', shape: [2], elements: Int8Array.of(-128, 127) },
    { datatype: 'INT16', shape: [2], elements: Int16Array.of(-32768, 32767) },
    { datatype: 'INT32', shape: [2], elements: Int32Array.of(-2147483648, 2147483647) },
    { datatype: 'INT64', shape: [2], elements: BigInt64Array.of(-9223372036854775808n, 9223372036854775807n) },
    { datatype: 'FP16', shape: [2], elements: Uint16Array.of(0x3c00, 0xfbff) },
    { datatype: 'FP32', shape: [2], elements: Float32Array.of(-1.5, 3.4e38) },
    { datatype: 'FP64', shape: [2], elements: Float64Array.of(-1.5, 1.7e308) },
  ];
  for (const x of tensors) {
    const model = await onnxBackend.load(await author(x.datatype, identity(x.datatype)), options);
    assert.deepEqual(model.inputs, [{ name: 'x', datatype: x.datatype, shape: [-1] }]);
    assert.deepEqual(await model.run({ x }), { y: x });
    await model.unload();
  }
});

test('a model of BF16, which the binding for Node lacks, is refused at loading', async () => {
  await assert.rejects(onnxBackend.load(await author('bf16', identity('BF16')), options), {
    code: 'INVALID_ARGUMENT',
    message: /Unsupported data type/,
  });
});

test('strings that would arrive changed are refused, with the place of the first one', async () => {
  const model = await onnxBackend.load(contractModels.strings, options);
  const refused: [Uint8Array, RegExp][] = [
    [Buffer.from('a\0b'), /input 'text': element 1 holds a NUL/],
    [Uint8Array.of(0xc3, 0x28), /input 'text': element 1 is not UTF-8 text/],
  ];
  for (const [bytes, message] of refused) {
    const text: Tensor = { datatype: 'BYTES', shape: [2], elements: [Buffer.from('fine'), bytes] };
    await assert.rejects(model.run({ text }), { code: 'INVALID_ARGUMENT', message });
  }
  const text = stringTensor([1], ['\ufeffwith a mark']);
  assert.deepEqual(await model.run({ text }), { same: text });
  await model.unload();
});

test('a missing CUDA library is reported, and the model runs on the processor', async () => {
  const model = await onnxBackend.load(contractModels.arithmetic, {
    ...options,
    providers: ['tensorrt', 'cuda', 'cpu'],
    deviceId: 1,
  });
  assert.equal(model.placement.provider, 'cpu');
  assert.match(
    model.placement.fallbackReason,
    /^tensorrt: the provider's library .* cannot be loaded; cuda: the provider's library .* cannot be loaded$/,
  );
  const ones = float32Tensor([1, 3], Float32Array.of(1, 1, 1));
  assert.deepEqual([...float32Elements((await model.run({ a: ones, b: ones }))['sum'] as Tensor)], [2, 2, 2]);
  await model.unload();
});

test('without providers a model runs on the processor', async () => {
  const model = await onnxBackend.load(contractModels.arithmetic, { ...options, providers: [] });
  assert.deepEqual(model.placement, { provider: 'cpu', fallbackReason: '' });
  await model.unload();
});

test('a refusal says in one line what is wrong with the model', async () => {
  const y = onnxValue('y', 'FP32', [3]);
  const x = onnxValue('x', 'FP32', [3]);
  const refused: [string, OnnxGraph, RegExp][] = [
    [
      'operator',
      { inputs: [x], outputs: [y], nodes: [onnxNode('Frobnicate', { inputs: ['x'], outputs: ['y'] })] },
      /No Op registered for Frobnicate/,
    ],
    [
      'dangling',
      { inputs: [x], outputs: [y], nodes: [onnxNode('Relu', { inputs: ['q'], outputs: ['y'] })] },
      /Node input 'q' is not a graph input/,
    ],
    ['type', { ...identity('FP32'), outputs: [onnxValue('y', 'INT32', [3])] }, /Type Error/],
  ];
  for (const [name, graph, reason] of refused) {
    await assert.rejects(onnxBackend.load(await author(name, graph), options), (error) => {
      const { code, message } = error as { code?: string; message: string };
      assert.equal(code, 'INVALID_ARGUMENT');
      assert.match(message, /^onnxruntime cannot load the model: /);
      assert.match(message, reason);
      assert.doesNotMatch(message, /\n|onnxruntime_src|\.cc:/);
      assert.ok(!message.includes(folder), message);
      return true;
    });
  }
});

test('weights beside the model are read; those outside its folder are not, by path or by link', async () => {
  const external = (location: string): OnnxGraph => ({
    ...identity('FP32', [2]),
    initializers: [externalOnnxTensor('weight', { datatype: 'FP32', shape: [2] }, { location })],
    nodes: [onnxNode('Add', { inputs: ['x', 'weight'], outputs: ['y'] })],
  });
  const outside = await mkdtemp(join(tmpdir(), 'weft-outside-'));
  try {
    for (const place of [folder, outside])
      await writeFile(join(place, 'weights.bin'), Buffer.from(Float32Array.of(10, 20).buffer));
    await symlink(join(outside, 'weights.bin'), join(folder, 'link.bin'));
    const model = await onnxBackend.load(await author('beside', external('weights.bin')), options);
    assert.deepEqual(await model.run({ x: float32Tensor([2], Float32Array.of(1, 2)) }), {
      y: float32Tensor([2], Float32Array.of(11, 22)),
    });
    await model.unload();
    for (const location of [
      join(outside, 'weights.bin'),
      `../${outside.slice(tmpdir().length + 1)}/weights.bin`,
      'link.bin',
    ]) {
      await assert.rejects(onnxBackend.load(await author('outside', external(location)), options), (error) => {
        assert.equal((error as { code?: string }).code, 'INVALID_ARGUMENT');
        assert.ok(!(error as Error).message.includes(folder), (error as Error).message);
        return true;
      });
    }
  } finally {
    await rm(outside, { recursive: true });
  }
});

test('a failure inside the runtime is thrown as it is', async () => {
  const path = await author('mismatch', {
    inputs: [onnxValue('a', 'FP32', [-1]), onnxValue('b', 'FP32', [-1])],
    outputs: [onnxValue('y', 'FP32', [-1])],
    nodes: [onnxNode('Add', { inputs: ['a', 'b'], outputs: ['y'] })],
  });
  const model = await onnxBackend.load(path, options);
  const feeds = { a: float32Tensor([2], new Float32Array(2)), b: float32Tensor([3], new Float32Array(3)) };
  await assert.rejects(model.run(feeds), (error) => error instanceof Error && error.name !== 'WeftError');
  await model.unload();
});
