import assert from 'node:assert/strict';
import { truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { memory } from '@tensorflow/tfjs-core';
import type { BackendOptions } from '@weft/runtime';
import { backendContract, type ContractModels } from '@weft/runtime/testing';
import { float32Elements, float32Tensor, type Tensor } from '@weft/tensor';
import { authorGraph, float, placeholder, removeAuthored } from './testing/author-model.ts';
import { authorArithmetic, authorDense, authorStrings } from './testing/example-models.ts';
import { tfjsBackend } from './tfjs-backend.ts';

const options: BackendOptions = { providers: ['cpu'], deviceId: 0, threads: 1 };
const a = float32Tensor([1, 3], Float32Array.of(1, 2, 3));
const b = float32Tensor([1, 3], Float32Array.of(4, 4, 4));
let contractModels: ContractModels;

before(async () => {
  const [arithmetic, strings, short] = [await authorArithmetic(), await authorStrings(), await authorArithmetic()];
  const broken = join(dirname(strings), 'broken.json');
  await writeFile(broken, 'this is no model');
  await truncate(short, 300);
  contractModels = { arithmetic, strings, broken, truncated: short };
});

after(removeAuthored);

backendContract('tfjsBackend', tfjsBackend, async () => contractModels);

test('runs leave no tensor behind, failing ones neither, and unloading frees the weights', async () => {
  const atFirst = memory().numTensors;
  const graph = await tfjsBackend.load(contractModels.arithmetic, options);
  const layers = await tfjsBackend.load(await authorDense(), options);
  const runAll = async () => {
    await graph.run({ a, b });
    await graph.run({ a, b }, ['inner/difference', 'weight']);
    await assert.rejects(graph.run({ a }));
    // Sizes that each fit, but not one another.
    const [two, three] = [float32Tensor([2, 3], new Float32Array(6)), float32Tensor([3, 3], new Float32Array(9))];
    await assert.rejects(graph.run({ a: two, b: three }));
    await layers.run({ x: float32Tensor([40, 2], new Float32Array(80)) });
  };
  await runAll();
  const settled = memory().numTensors;
  for (let run = 0; run < 20; run++) await runAll();
  assert.equal(memory().numTensors, settled);
  await graph.unload();
  await layers.unload();
  assert.equal(memory().numTensors, atFirst);
});

test('bytes that are no text pass unchanged', async () => {
  const model = await tfjsBackend.load(contractModels.strings, options);
  const elements = [Uint8Array.of(0xff, 0, 0xfe), Uint8Array.of(97, 0, 98)];
  assert.deepEqual(await model.run({ text: { datatype: 'BYTES', shape: [2], elements } }), {
    same: { datatype: 'BYTES', shape: [2], elements },
  });
  await model.unload();
});

test('a graph with an operator that WebAssembly lacks runs on the plain engine, which says why', async () => {
  const equation = { s: Buffer.from('ij,jk->ik').toString('base64') };
  const path = await authorGraph({
    nodes: [
      placeholder('x', 'DT_FLOAT', [2, 2]),
      { name: 'y', op: 'Einsum', input: ['x', 'x'], attr: { equation, N: { i: '2' }, ...float } },
    ],
  });
  const model = await tfjsBackend.load(path, options);
  assert.deepEqual(model.placement, { provider: 'cpu', fallbackReason: 'wasm: it has no kernel for Einsum' });
  const { y } = await model.run({ x: float32Tensor([2, 2], Float32Array.of(1, 2, 3, 4)) });
  assert.deepEqual(y, float32Tensor([2, 2], Float32Array.of(7, 10, 15, 22)));
  await model.unload();
});

test('models on different engines run at once without getting in each other’s way', async () => {
  const onWasm = await tfjsBackend.load(contractModels.arithmetic, { ...options, providers: ['wasm'] });
  const onPlain = await tfjsBackend.load(await authorStrings(), options);
  assert.deepEqual([onWasm.placement.provider, onPlain.placement.provider], ['wasm', 'cpu']);
  const text: Tensor = { datatype: 'BYTES', shape: [1], elements: [Uint8Array.of(97)] };
  for (let turn = 0; turn < 5; turn++) {
    const [first, second] = await Promise.all([onWasm.run({ a, b }), onPlain.run({ text })]);
    assert.deepEqual([...float32Elements(first['sum'] as Tensor)], [5, 6, 7]);
    assert.deepEqual(second['same'], text);
  }
  await onWasm.unload();
  await onPlain.unload();
});

test('the engines leave the listeners for uncaught errors to the program', async () => {
  const model = await tfjsBackend.load(contractModels.arithmetic, { ...options, providers: ['wasm'] });
  const sources = process.listeners('uncaughtException').map(String);
  assert.ok(!sources.some((source) => source.includes('ExitStatus')), sources.join('\n'));
  await model.unload();
});
