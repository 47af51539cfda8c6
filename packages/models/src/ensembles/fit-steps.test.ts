import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfigText } from '../config-file.ts';
import { misfit } from './fit-steps.ts';
import { readEnsemble } from './read-ensemble.ts';

const chain = `
  name: "e" platform: "ensemble" max_batch_size: 4
  input { name: "IN" data_type: TYPE_FP32 dims: [ -1 ] }
  output { name: "OUT" data_type: TYPE_FP32 dims: [ 2 ] }
  ensemble_scheduling {
    step { model_name: "a" input_map { key: "x" value: "IN" } output_map { key: "y" value: "mid" } }
    step { model_name: "b" input_map { key: "x" value: "mid" } output_map { key: "y" value: "OUT" } }
  }`;

interface StepModel {
  readonly rows?: number;
  readonly x?: string;
  readonly y?: string;
  readonly more?: string;
}

function config({ rows = 8, x = 'TYPE_FP32 dims: [ -1 ]', y = 'TYPE_FP32 dims: [ -1 ]', more = '' }: StepModel) {
  const tensors = `input { name: "x" data_type: ${x} } output { name: "y" data_type: ${y} }`;
  return parseConfigText(`max_batch_size: ${rows} ${tensors} ${more}`);
}

function reason(a: StepModel, b: StepModel, text = chain): string | undefined {
  return misfit(readEnsemble(parseConfigText(text)), [config(a), config(b)]);
}

test('steps fit whose tensors may be the same', () => {
  assert.equal(reason({}, {}), undefined);
  assert.equal(
    reason({ x: 'TYPE_FP32 dims: [ 7 ]', y: 'TYPE_FP32 dims: [ 3 ]' }, { x: 'TYPE_FP32 dims: [ -1 ]' }),
    undefined,
  );
});

test('a tensor has one datatype', () => {
  const other = reason({ y: 'TYPE_INT64 dims: [ -1 ]' }, {});
  assert.equal(other, "tensor 'mid' is INT64 for step 1 'a' and FP32 for step 2 'b'");
  const ends = reason({ x: 'TYPE_STRING dims: [ -1 ]' }, {});
  assert.equal(ends, "tensor 'IN' is FP32 for ensemble 'e' and BYTES for step 1 'a'");
});

test('a tensor has one rank, and sizes that can be equal', () => {
  const sizes = reason({ y: 'TYPE_FP32 dims: [ 3 ]' }, { x: 'TYPE_FP32 dims: [ 4 ]' });
  assert.equal(sizes, "tensor 'mid' is [-1,3] for step 1 'a' and [-1,4] for step 2 'b'");
  const ranks = reason({}, { y: 'TYPE_FP32 dims: [ 2, 1 ]' });
  assert.equal(ranks, "tensor 'OUT' is [-1,2] for ensemble 'e' and [-1,2,1] for step 2 'b'");
});

test('two readers that each fit an open size must fit each other', () => {
  const fanned = chain.replace('key: "x" value: "mid"', 'key: "x" value: "IN"').replaceAll('"mid"', '"SIDE"');
  const both = fanned.replace('output {', 'output { name: "SIDE" data_type: TYPE_FP32 dims: [ -1 ] } output {');
  const apart = reason({ x: 'TYPE_FP32 dims: [ 3 ]' }, { x: 'TYPE_FP32 dims: [ 4 ]' }, both);
  assert.equal(apart, "tensor 'IN' is [-1,3] for step 1 'a' and [-1,4] for step 2 'b'");
});

test('a shape that a runtime does not know fits any', () => {
  assert.equal(reason({ y: 'TYPE_FP32' }, { x: 'TYPE_FP32 dims: [ 4, 4 ]' }), undefined);
});

test('an ensemble that batches has steps that take its batches; one that does not may have any', () => {
  const small = reason({ rows: 2 }, {});
  assert.equal(small, "ensemble 'e' allows maximum batch size 4, but step 1 'a' allows 2");
  const single = chain
    .replace('max_batch_size: 4', '')
    .replace('dims: [ -1 ]', 'dims: [ 1, -1 ]')
    .replace('dims: [ 2 ]', 'dims: [ -1, 2 ]');
  assert.equal(reason({}, {}, single), undefined);
});

test('maps name tensors of the model', () => {
  const input = reason({}, {}, chain.replace('key: "x" value: "mid"', 'key: "z" value: "mid"'));
  assert.equal(input, "step 2 'b' needs the input 'x', which its input_map does not name");
  const extra = chain.replace(
    'input_map { key: "x" value: "IN" }',
    'input_map { key: "x" value: "IN" } input_map { key: "z" value: "IN" }',
  );
  assert.equal(reason({}, {}, extra), "step 1 'a' has no input 'z', which its input_map names; it has 'x'");
  const output = reason({}, {}, chain.replace('key: "y" value: "OUT"', 'key: "z" value: "OUT"'));
  assert.equal(output, "step 2 'b' has no output 'z', which its output_map names; it has 'y'");
});

test('an input may be left out where the step does not need it', () => {
  const more = 'input { name: "z" data_type: TYPE_FP32 dims: [ 1 ] optional: true }';
  assert.equal(reason({ more }, {}), undefined);
  const open = chain.replace('dims: [ -1 ] }', 'dims: [ -1 ] optional: true }');
  assert.equal(reason({}, {}, open), "step 1 'a' needs the input 'x', but 'IN' may be left out");
});

test('a decoupled model is no step', () => {
  const decoupled = reason({}, { more: 'model_transaction_policy { decoupled: true }' });
  assert.equal(decoupled, "step 2 'b' is decoupled: an ensemble of weft takes models with one response to a request");
});
