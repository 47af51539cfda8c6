import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float32Tensor, int64Tensor, stringElements } from '@weft/tensor';
import { checkClassifiable, classified } from './classification.ts';

const labels = ['a', '', 'c'];

test('the largest come first, equal ones in their order, what is no number last', () => {
  const tensor = float32Tensor([6], Float32Array.of(1, Number.NaN, 2, 2, Number.POSITIVE_INFINITY, -1.5));
  const classes = classified(tensor, { count: 10, labels, batches: false });
  assert.deepEqual(classes.shape, [6]);
  const expected = ['inf:4', '2.000000:2:c', '2.000000:3', '1.000000:0:a', '-1.500000:5', 'nan:1'];
  assert.deepEqual(stringElements(classes), expected);
});

test('whole numbers are written as such, floats never with an exponent', () => {
  const whole = int64Tensor([2], BigInt64Array.of(-5n, 9007199254740993n));
  assert.deepEqual(stringElements(classified(whole, { count: 2, labels: [], batches: false })), [
    '9007199254740993:1',
    '-5:0',
  ]);
  const large = float32Tensor([1], Float32Array.of(2 ** 100));
  const text = `${2n ** 100n}.000000:0`;
  assert.deepEqual(stringElements(classified(large, { count: 1, labels: [], batches: false })), [text]);
});

test('each row is classified by itself, over all its dimensions; no rows give no classes', () => {
  const tensor = float32Tensor([2, 2, 1], Float32Array.of(1, 2, 4, 3));
  const classes = classified(tensor, { count: 1, labels, batches: true });
  assert.deepEqual(
    [classes.shape, stringElements(classes)],
    [
      [2, 1],
      ['2.000000:1', '4.000000:0:a'],
    ],
  );
  const none = classified(float32Tensor([0, 3], new Float32Array()), { count: 2, labels, batches: true });
  assert.deepEqual([none.shape, none.elements], [[0, 0], []]);
});

test('outputs without an order are refused', () => {
  assert.throws(() => checkClassifiable('y', 'BYTES'), {
    code: 'INVALID_ARGUMENT',
    message: "class result not available for output 'y' due to unsupported type 'BYTES'",
  });
  checkClassifiable('y', 'UINT8');
});
