// 16-bit floating point as bit patterns. FP16 is IEEE 754 binary16 (1 sign, 5 exponent, 10 fraction bits); BF16 is the
// high half of a 32-bit float. Encoding rounds to the nearest, ties to even.
import { getFloat16, setFloat16 } from '@petamoriken/float16';

const half = new DataView(new ArrayBuffer(2));
const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

export function numberToBfloat16(value: number): number {
  float[0] = value;
  const pattern = bits[0] as number;
  if (Number.isNaN(value)) return (pattern >>> 16) | 0x40;
  return roundOff(pattern, 16) & 0xffff;
}

export function bfloat16ToNumber(pattern: number): number {
  bits[0] = pattern << 16;
  return float[0] as number;
}

export function numberToFloat16(value: number): number {
  setFloat16(half, 0, value);
  return half.getUint16(0);
}

export function float16ToNumber(pattern: number): number {
  half.setUint16(0, pattern);
  return getFloat16(half, 0);
}

/** Drops the lowest `count` bits, rounding to the nearest and ties to even. */
function roundOff(pattern: number, count: number): number {
  const kept = pattern >>> count;
  const dropped = pattern - kept * 2 ** count;
  const half = 2 ** (count - 1);
  return dropped > half || (dropped === half && kept % 2 === 1) ? kept + 1 : kept;
}
