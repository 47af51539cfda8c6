import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { joinRows, sliceRows, splitRows } from './rows.ts';
import { float32Tensor, int64Tensor, stringTensor, type Tensor } from './tensor.ts';

const makers: Record<string, (rows: number, seed: number) => Tensor> = {
  FP32: (rows, seed) =>
    float32Tensor(
      [rows, 3],
      Float32Array.from({ length: rows * 3 }, (_, index) => seed + index),
    ),
  INT64: (rows, seed) =>
    int64Tensor(
      [rows, 2],
      BigInt64Array.from({ length: rows * 2 }, (_, index) => BigInt(seed + index)),
    ),
  BYTES: (rows, seed) =>
    stringTensor(
      [rows, 1],
      Array.from({ length: rows }, (_, index) => `${seed}-${index}`),
    ),
};

test('splitting what was joined gives the same tensors, rows of zero included', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(makers)),
      fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }),
      (datatype, rowCounts) => {
        const tensors = rowCounts.map((rows, index) =>
          (makers[datatype] as (rows: number, seed: number) => Tensor)(rows, index * 100),
        );
        const joined = joinRows(tensors as [Tensor, ...Tensor[]]);
        assert.equal(
          joined.shape[0],
          rowCounts.reduce((sum, rows) => sum + rows, 0),
        );
        assert.deepEqual(splitRows(joined, rowCounts), tensors);
      },
    ),
  );
});

test('joining the slices of a tensor gives the tensor, wherever it is cut', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(makers)), fc.nat(6), fc.nat(6), (datatype, before, behind) => {
      const whole = (makers[datatype] as (rows: number, seed: number) => Tensor)(before + behind, 1);
      assert.deepEqual(joinRows([sliceRows(whole, 0, before), sliceRows(whole, before, behind)]), whole);
    }),
  );
});
