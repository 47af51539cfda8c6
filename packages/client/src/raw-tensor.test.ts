import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeftError } from '@weft/errors';
import { decodeOutput, encodeInput } from './raw-tensor.ts';
import { type InferTensor, tensorValues } from './tensor.ts';

function roundTrip(tensor: InferTensor) {
  return tensorValues(decodeOutput({ ...tensor, name: 'y' }, encodeInput('x', tensor)));
}

test('plain values of every datatype survive the wire', () => {
  const examples: [InferTensor['datatype'], InferTensor['elements'], unknown[]?][] = [
    ['BOOL', [true, false]],
    ['UINT8', [0, 255]],
    ['UINT16', [0, 65535]],
    ['UINT32', [0, 4294967295]],
    ['UINT64', [0n, 2n ** 64n - 1n]],
    ['INT8', [-128, 127]],
    ['INT16', [-32768, 32767]],
    ['INT32', [-(2 ** 31), 2 ** 31 - 1]],
    ['INT64', [-(2n ** 63n), 5n]],
    ['FP16', [0.5, -2]],
    ['BF16', [0.5, -2]],
    ['FP32', [0.5, Number.NaN]],
    ['FP64', [0.1, Number.NEGATIVE_INFINITY]],
    ['BYTES', ['', 'grüße\0']],
  ];
  for (const [datatype, elements, expected] of examples) {
    assert.deepEqual(roundTrip({ datatype, shape: [1, 2], elements }), expected ?? [...elements], datatype);
  }
});

test('a number does for a 64-bit integer', () => {
  assert.deepEqual(roundTrip({ datatype: 'INT64', shape: [1], elements: [-7] }), [-7n]);
});

test('a scalar holds one element, and a shape with a zero none', () => {
  assert.deepEqual(roundTrip({ datatype: 'FP32', shape: [], elements: [3] }), [3]);
  assert.deepEqual(roundTrip({ datatype: 'BYTES', shape: [0, 4], elements: [] as string[] }), []);
});

test('a view into the middle of a buffer is sent as it is', () => {
  const array = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
  assert.deepEqual(roundTrip({ datatype: 'FP32', shape: [2], elements: array }), [2, 3]);
});

test('outputs that begin at an odd address are read right', () => {
  const bytes = Buffer.concat([Buffer.from([9]), encodeInput('x', { datatype: 'FP64', shape: [1], elements: [7] })]);
  assert.deepEqual(tensorValues(decodeOutput({ name: 'y', datatype: 'FP64', shape: [1] }, bytes.subarray(1))), [7]);
});

const refused: [string, InferTensor, RegExp][] = [
  [
    'too few elements',
    { datatype: 'FP32', shape: [2, 2], elements: [1, 2, 3] },
    /'x' has 3 elements, its shape \[2,2\] holds 4/,
  ],
  ['a size of -1', { datatype: 'FP32', shape: [-1], elements: [1] }, /shape \[-1\]/],
  [
    'another typed array',
    { datatype: 'FP32', shape: [1], elements: new Float64Array(1) },
    /needs a Float32Array, got Float64Array/,
  ],
  ['an integer out of range', { datatype: 'INT8', shape: [1], elements: [128] }, /128 is no INT8/],
  ['a fraction', { datatype: 'INT32', shape: [1], elements: [1.5] }, /1.5 is no INT32/],
  ['a negative unsigned number', { datatype: 'UINT64', shape: [1], elements: [-1n] }, /-1 is no UINT64/],
  ['a number as BYTES', { datatype: 'BYTES', shape: [1], elements: [1] }, /1 is no BYTES/],
  ['text as FP32', { datatype: 'FP32', shape: [1], elements: ['1'] }, /1 is no FP32/],
  ['2 as BOOL', { datatype: 'BOOL', shape: [1], elements: [2] }, /2 is no BOOL/],
  ['an unknown datatype', { datatype: 'FP8' as 'FP16', shape: [1], elements: [1] }, /unknown datatype 'FP8'/],
];
for (const [name, tensor, message] of refused) {
  test(`an input is refused for ${name}`, () => {
    assert.throws(
      () => encodeInput('x', tensor),
      (error: unknown) =>
        error instanceof WeftError && error.code === 'INVALID_ARGUMENT' && message.test(error.message),
    );
  });
}

test('an output whose bytes do not fit its shape is DATA_LOSS', () => {
  const lost = { code: 'DATA_LOSS' };
  assert.throws(() => decodeOutput({ name: 'y', datatype: 'FP32', shape: [2] }, Buffer.alloc(4)), lost);
  assert.throws(() => decodeOutput({ name: 'y', datatype: 'FP32', shape: [1] }, Buffer.alloc(5)), lost);
  assert.throws(() => decodeOutput({ name: 'y', datatype: 'BYTES', shape: [1] }, Buffer.from([9, 0, 0, 0, 1])), lost);
  assert.throws(() => decodeOutput({ name: 'y', datatype: 'FP8', shape: [1] }, Buffer.alloc(1)), lost);
});
