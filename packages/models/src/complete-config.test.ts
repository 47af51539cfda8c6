import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeConfig } from './complete-config.ts';
import { parseConfigText } from './config-file.ts';
import { modelMetadata } from './metadata.ts';

const model = {
  inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 4] }],
  outputs: [{ name: 'y', datatype: 'BYTES' as const, shape: [-1, 2] }],
};

test('a model whose first dimension is free batches, and its metadata says so', () => {
  const config = completeConfig(parseConfigText(''), model);
  assert.equal(config.maxBatchSize, 32);
  assert.deepEqual(config.input[0]?.dims, [4]);
  assert.equal(config.output[0]?.dataType, 'TYPE_STRING');
  const metadata = modelMetadata({ ...config, name: 'm' }, '3', 'onnxruntime');
  assert.deepEqual(metadata.inputs?.[0], { name: 'x', datatype: 'FP32', shape: [-1, 4] });
  assert.deepEqual(metadata.outputs?.[0], { name: 'y', datatype: 'BYTES', shape: [-1, 2] });
});

test('what the file says stands', () => {
  const config = completeConfig(
    parseConfigText('max_batch_size: 8 input { name: "x" data_type: TYPE_FP32 dims: 4 }'),
    model,
  );
  assert.equal(config.maxBatchSize, 8);
  assert.deepEqual(config.output[0]?.dims, [2]);
});

test('a model with a fixed first dimension does not batch', () => {
  const config = completeConfig(parseConfigText(''), {
    ...model,
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4] }],
  });
  assert.equal(config.maxBatchSize, 0);
  assert.deepEqual(config.input[0]?.dims, [1, 4]);
});

test('a model whose inputs are vectors of any length does not batch', () => {
  const vectors = { inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1] }], outputs: model.outputs };
  const config = completeConfig(parseConfigText(''), vectors);
  assert.equal(config.maxBatchSize, 0);
  assert.deepEqual(config.input[0]?.dims, [-1]);
});

test('a tensor that the model does not have is named', () => {
  assert.throws(
    () => completeConfig(parseConfigText('input { name: "z" data_type: TYPE_FP32 dims: 4 }'), model),
    /an input 'z'; the model has 'x'/,
  );
});

test('a completed tensor has every field that one from a file has', () => {
  const config = completeConfig(parseConfigText(''), model);
  const written = parseConfigText(
    'input { name: "x" data_type: TYPE_FP32 dims: 4 } output { name: "y" data_type: TYPE_STRING dims: 2 }',
  );
  assert.deepEqual([config.input, config.output], [written.input, written.output]);
});

const two = {
  inputs: [
    { name: 'a', datatype: 'FP32' as const, shape: [-1, 3] },
    { name: 'b', datatype: 'INT64' as const, shape: [-1, 3] },
  ],
  outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [-1, 2] }],
};

test('an input of which only the name is given, and one that is not listed, are completed', () => {
  const config = completeConfig(parseConfigText('max_batch_size: 2 input { name: "b" optional: true }'), two);
  assert.deepEqual(
    config.input.map(({ name, dataType, dims, optional }) => [name, dataType, dims, optional]),
    [
      ['b', 'TYPE_INT64', [3], true],
      ['a', 'TYPE_FP32', [3], false],
    ],
  );
});

test('inputs that the batch or the sequence supplies are not added', () => {
  const config = completeConfig(
    parseConfigText('max_batch_size: 2 input { name: "a" } batch_input { target_name: "b" source_input: "a" }'),
    two,
  );
  assert.deepEqual(
    config.input.map(({ name }) => name),
    ['a'],
  );
});

test('without a batch size, dims tell whether the model batches', () => {
  const sizeOf = (dims: string) =>
    completeConfig(parseConfigText(`input { name: "a" data_type: TYPE_FP32 dims: ${dims} }`), two).maxBatchSize;
  assert.deepEqual([sizeOf('[ 3 ]'), sizeOf('[ -1, 3 ]')], [32, 0]);
});

const contradictions: Readonly<Record<string, RegExp>> = {
  'max_batch_size: 4 input { name: "a" data_type: TYPE_FP16 }':
    /'a': the model configuration specifies datatype TYPE_FP16, but the model has TYPE_FP32/,
  'max_batch_size: 4 input { name: "a" dims: [ -1 ] }':
    /'a': the model expects 2 dimensions \(shape \[-1,3\]\) .* complete shape \[-1,-1\]\)/,
  'max_batch_size: 4 output { name: "y" dims: [ 2, 1 ] }':
    /'y': the model expects 2 dimensions .* specifies 3 dimensions/,
  'max_batch_size: 4 output { name: "y" dims: [ 3 ] reshape { shape: [ 3 ] } }': /'y': the model expects/,
  'input { name: "a" dims: [ 1, 4 ] }':
    /'a': the model expects 2 dimensions \(shape \[-1,3\]\) but the model configuration specifies 2 dimensions \(shape \[1,4\]\)/,
};
for (const [text, reason] of Object.entries(contradictions)) {
  test(`a configuration that contradicts the model is told with both: ${text}`, () =>
    assert.throws(() => completeConfig({ ...parseConfigText(text), name: 'm' }, two), reason));
}

test('a model of one fixed row takes a batch of one, and no larger one', () => {
  const fixed = { inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [1, 4] }], outputs: [] };
  const given = (size: number) => parseConfigText(`max_batch_size: ${size} input { name: "x" dims: 4 }`);
  assert.equal(completeConfig(given(1), fixed).maxBatchSize, 1);
  assert.throws(() => completeConfig(given(2), fixed), /the model expects/);
});
