// 16-bit floating point as bit patterns. FP16 is IEEE 754 binary16 (1 sign, 5 exponent, 10 fraction bits); BF16 is the
// high half of a 32-bit float. Encoding rounds to the nearest, ties to even.

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
  float[0] = value;
  const pattern = bits[0] as number;
  const sign = (pattern >>> 16) & 0x8000;
  if (Number.isNaN(value)) return sign | 0x7e00;
  const magnitude = Math.abs(float[0] as number);
  // The halfway point between the largest half (65504) and what the next one would be.
  if (magnitude >= 65520) return sign | 0x7c00;
  // Below the smallest normal half the steps are all of 2^-24.
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
  // The exponents' biases differ by 112; a carry out of the fraction rightly raises the exponent.
  return sign | roundOff((pattern & 0x7fffffff) - (112 << 23), 13);
}

export function float16ToNumber(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >>> 10) & 0x1f;
  const fraction = pattern & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Drops the lowest `count` bits, rounding to the nearest and ties to even. */
function roundOff(pattern: number, count: number): number {
  const kept = pattern >>> count;
  const dropped = pattern - kept * 2 ** count;
  const half = 2 ** (count - 1);
  return dropped > half || (dropped === half && kept % 2 === 1) ? kept + 1 : kept;
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
