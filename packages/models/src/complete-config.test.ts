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
