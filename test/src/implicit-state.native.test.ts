// Sequences in an instance, with a real model: the controls that it gets, and the state that is kept for it between requests.
// Batches are put together as a router would, and worse.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { onnxBackend } from '@weft/backend-onnx';
import { encodeModel, type OnnxGraph, onnxNode, onnxValue } from '@weft/convert';
import { WeftError } from '@weft/errors';
import { parseConfigText, resolveArtifact } from '@weft/models';
import { rpcMethod } from '@weft/rpc';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import { type OpenedModel, openModel } from '@weft/runtime/testing';
import { accumulator, accumulatorConfig, temporaryFolder } from './testing/author-models.ts';
import { inferPath } from './testing/infer-request.ts';
import { sequenceRequest } from './testing/sequence-calls.ts';

const folder = temporaryFolder();
after(() => folder.remove());

async function open(t: TestContext, config: string, graph: OnnxGraph = accumulator()): Promise<OpenedModel> {
  const directory = join(folder.path, String(Math.random()));
  mkdirSync(join(directory, '1'), { recursive: true });
  mkdirSync(join(directory, 'initial_state'));
  writeFileSync(join(directory, '1', 'model.onnx'), encodeModel(graph));
  writeFileSync(join(directory, 'initial_state', 'ten'), Buffer.from(Float32Array.of(10).buffer));
  writeFileSync(join(directory, 'initial_state', 'short'), 'x');
  const parsed = { ...parseConfigText(config), name: 'm' };
  const opened = await openModel(
    { tasks: {}, backends: { onnxruntime: async () => onnxBackend } },
    { config: parsed, artifact: resolveArtifact({ directory, config: parsed }, '1', []), cacheDirectory: folder.path },
  );
  t.after(() => opened.close());
  return opened;
}

interface Step {
  readonly key: string;
  readonly x: number;
  readonly id?: bigint | string;
  readonly start?: boolean;
  readonly end?: boolean;
  readonly outputs?: readonly string[];
  readonly shape?: number[];
}

/** What each request of a batch is answered: values by output, or the error. */
async function infer(model: OpenedModel, ...steps: readonly Step[]): Promise<unknown[]> {
  const items = steps.map(({ key, id = 7n, start = false, end = false, ...step }) => ({
    message: rpcMethod(inferPath).encodeRequest(sequenceRequest('m', step)),
    sequence: { key, id, start, end },
  }));
  return (await model.inferSequences(items)).map((outcome) => {
    if (outcome instanceof WeftError) return `${outcome.code} ${outcome.message}`;
    const { outputs, rawOutputContents } = rpcMethod(inferPath).decodeResponse(outcome) as ModelInferResponse__Output;
    const values = outputs.map(({ name, datatype }, index) => [
      name,
      valueOf(datatype, Buffer.from(rawOutputContents[index] as Uint8Array)),
    ]);
    return Object.fromEntries(values) as unknown;
  });
}

function valueOf(datatype: string, raw: Buffer): unknown {
  if (datatype === 'FP32') return raw.readFloatLE();
  if (datatype === 'INT32') return raw.readInt32LE();
  if (datatype === 'INT64') return raw.readBigInt64LE();
  return raw.length === 1 ? raw.readUInt8() : raw.toString('utf8', 4);
}

describe('state', () => {
  test('is that of each sequence, whoever shares its batch, and begins with zeros', async (t) => {
    const model = await open(t, accumulatorConfig());
    assert.deepEqual(await infer(model, { key: 'a', x: 1, start: true }, { key: 'b', x: 100, start: true }), [
      { sum: 1 },
      { sum: 100 },
    ]);
    assert.deepEqual(await infer(model, { key: 'b', x: 1 }, { key: 'c', x: 5, start: true }, { key: 'a', x: 2 }), [
      { sum: 101 },
      { sum: 5 },
      { sum: 3 },
    ]);
    assert.deepEqual(await infer(model, { key: 'a', x: 1, end: true }), [{ sum: 4 }]);
  });

  test('begins with what the file says, and a file of another size keeps the model from loading', async (t) => {
    const state = (file: string): string => `
      max_batch_size: 8
      sequence_batching {
        control_input { name: "START" control { kind: CONTROL_SEQUENCE_START int32_false_true: [ 0, 1 ] } }
        control_input { name: "END" control { kind: CONTROL_SEQUENCE_END bool_false_true: [ false, true ] } }
        control_input { name: "READY" control { kind: CONTROL_SEQUENCE_READY fp32_false_true: [ 0, 1 ] } }
        control_input { name: "ID" control { kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_INT64 } }
        state {
          input_name: "before" output_name: "after" data_type: TYPE_FP32 dims: [ -1 ]
          initial_state { name: "first" data_type: TYPE_FP32 dims: [ 1 ] data_file: "${file}" }
        }
      }`;
    const model = await open(t, state('ten'));
    assert.deepEqual(await infer(model, { key: 'a', x: 1, start: true }, { key: 'b', x: 2, start: true }), [
      { sum: 11 },
      { sum: 12 },
    ]);
    await assert.rejects(open(t, state('short')), /initial state 'short' of 'before' should have 4 bytes, it has 1/);
    await assert.rejects(open(t, state('missing')), /no file 'missing'/);
    await assert.rejects(open(t, state('../1/model.onnx')), /leads out of its folder/);
  });

  test('goes on from where it was when a request fails, and begins anew with a START', async (t) => {
    const model = await open(t, accumulatorConfig());
    await infer(model, { key: 'a', x: 1, start: true });
    const [refused] = await infer(model, { key: 'a', x: 9, shape: [2, 1] });
    assert.equal(
      refused,
      "INVALID_ARGUMENT inference request to model 'm' must specify batch-size 1 due to requirements of sequence batcher",
    );
    assert.deepEqual(await infer(model, { key: 'a', x: 1 }), [{ sum: 2 }]);
    assert.deepEqual(await infer(model, { key: 'a', x: 7, start: true }), [{ sum: 7 }]);
  });

  test('is forgotten at the END, and when its router says so: who goes on hears that it is lost', async (t) => {
    const model = await open(t, accumulatorConfig());
    await infer(model, { key: 'a', x: 1, start: true }, { key: 'b', x: 1, start: true });
    await infer(model, { key: 'a', x: 1, end: true });
    const lost = "UNAVAILABLE sequence 7 of model 'm' is lost: its instance was started anew, or has forgotten it";
    assert.deepEqual(await infer(model, { key: 'a', x: 1 }), [lost]);
    assert.equal(model.instance.sequences?.size, 1);
    model.instance.sequences?.release(['b']);
    assert.equal(model.instance.sequences?.size, 0);
    assert.deepEqual(await infer(model, { key: 'b', x: 1 }), [lost]);
  });

  test('is kept of so many sequences as routers may have there, and of those that were used last', async (t) => {
    const model = await open(t, accumulatorConfig('', 'max_batch_size: 1'));
    for (let number = 0; number < 100; number += 1) {
      await infer(model, { key: String(number), x: number, start: true });
      await infer(model, { key: '0', x: 1 });
    }
    assert.equal(model.instance.sequences?.size, 16);
    assert.deepEqual(await infer(model, { key: '0', x: 0 }, { key: '99', x: 1 }), [{ sum: 100 }, { sum: 100 }]);
  });

  test('is an output for clients where the configuration lists it', async (t) => {
    const outputs = 'output { name: "sum" data_type: TYPE_FP32 dims: [ 1 ] }';
    const kept = 'output { name: "after" data_type: TYPE_FP32 dims: [ 1 ] }';
    const listed = await open(t, accumulatorConfig('', `max_batch_size: 8 ${outputs} ${kept}`));
    const asked = { key: 'a', x: 3, start: true, outputs: ['after'] };
    assert.deepEqual(await infer(listed, asked), [{ after: 3 }]);
    const hidden = await open(t, accumulatorConfig());
    assert.deepEqual(await infer(hidden, asked), [
      "INVALID_ARGUMENT unexpected inference output 'after' for model 'm'",
    ]);
  });
});

describe('controls', () => {
  const outputs = ['start', 'end', 'ready', 'id'];

  test('say of each row where in its sequence it is, and which that is', async (t) => {
    const model = await open(t, accumulatorConfig());
    assert.deepEqual(
      await infer(
        model,
        { key: 'a', id: 3n, x: 0, start: true, outputs },
        { key: 'b', id: 2n ** 64n - 1n, x: 0, start: true, end: true, outputs },
      ),
      [
        { start: 1, end: 0, ready: 1, id: 3n },
        { start: 1, end: 1, ready: 1, id: -1n },
      ],
    );
    assert.deepEqual(await infer(model, { key: 'a', id: 3n, x: 0, end: true, outputs }), [
      { start: 0, end: 1, ready: 1, id: 3n },
    ]);
    assert.deepEqual(await infer(model, { key: 'c', id: 'three', x: 0, start: true, outputs }), [
      "INVALID_ARGUMENT sequence_id 'three' must be a number: the model's input 'ID' is INT64",
    ]);
  });

  test('are made for models without rows too', async (t) => {
    const model = await open(t, accumulatorConfig('', 'max_batch_size: 0'), accumulator(true));
    const step = { key: 'a', shape: [1], outputs: ['sum', 'start'] };
    assert.deepEqual(await infer(model, { ...step, x: 1, start: true }), [{ sum: 1, start: 1 }]);
    assert.deepEqual(await infer(model, { ...step, x: 1 }), [{ sum: 2, start: 0 }]);
  });

  test('give the id as text to a model that takes text', async (t) => {
    const graph: OnnxGraph = {
      inputs: [onnxValue('x', 'FP32', ['rows', 1]), onnxValue('ID', 'BYTES', ['rows', 1])],
      outputs: [onnxValue('id', 'BYTES', ['rows', 1])],
      nodes: [onnxNode('Identity', { inputs: ['ID'], outputs: ['id'] })],
    };
    const control = 'control { kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_STRING }';
    const model = await open(
      t,
      `max_batch_size: 4 sequence_batching { control_input { name: "ID" ${control} } }`,
      graph,
    );
    const step = { x: 0, start: true, outputs: ['id'] };
    assert.deepEqual(await infer(model, { ...step, key: 'a', id: 'älter' }, { ...step, key: 'b', id: 12n }), [
      { id: 'älter' },
      { id: '12' },
    ]);
  });

  test('that the model has not keep it from loading', async (t) => {
    const missing = 'control_input { name: "GO" control { kind: CONTROL_SEQUENCE_START int32_false_true: [ 0, 1 ] } }';
    await assert.rejects(open(t, accumulatorConfig(missing)), /sequence_batching names the input 'GO'; the model has/);
  });
});
