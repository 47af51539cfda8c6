import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bfloat16ToNumber, float16ToNumber, numberToBfloat16, numberToFloat16 } from './half.ts';

test('every FP16 pattern that is a number survives a round trip', () => {
  for (let pattern = 0; pattern <= 0xffff; pattern++) {
    const value = float16ToNumber(pattern);
    if (Number.isNaN(value)) continue;
    assert.equal(numberToFloat16(value), pattern);
  }
});

test('every BF16 pattern that is a number survives a round trip', () => {
  for (let pattern = 0; pattern <= 0xffff; pattern++) {
    const value = bfloat16ToNumber(pattern);
    if (Number.isNaN(value)) continue;
    assert.equal(numberToBfloat16(value), pattern);
  }
});

test('FP16 rounds to the nearest, ties to even, and overflows to infinity', () => {
  const step = 2 ** -10;
  assert.equal(float16ToNumber(numberToFloat16(1 + step / 2)), 1);
  assert.equal(float16ToNumber(numberToFloat16(1 + 1.5 * step)), 1 + 2 * step);
  assert.equal(float16ToNumber(numberToFloat16(1 + 0.51 * step)), 1 + step);
  assert.equal(float16ToNumber(numberToFloat16(65519)), 65504);
  assert.equal(float16ToNumber(numberToFloat16(65520)), Number.POSITIVE_INFINITY);
  assert.equal(float16ToNumber(numberToFloat16(2 ** -25)), 0);
  assert.equal(float16ToNumber(numberToFloat16(-(2 ** -24))), -(2 ** -24));
});

test('NaN stays NaN in both formats', () => {
  assert.ok(Number.isNaN(float16ToNumber(numberToFloat16(Number.NaN))));
  assert.ok(Number.isNaN(bfloat16ToNumber(numberToBfloat16(Number.NaN))));
});

test('BF16 keeps the high half of a 32-bit float, rounded', () => {
  assert.equal(numberToBfloat16(1), 0x3f80);
  assert.equal(numberToBfloat16(1 + 2 ** -8), 0x3f80);
  assert.equal(numberToBfloat16(1 + 3 * 2 ** -8), 0x3f82);
});
