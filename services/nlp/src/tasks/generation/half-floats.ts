// Numbers from the bit patterns of 16-bit floats (IEEE 754 binary16), by a table: models with such logits give thousands for
// every token.

let table: Float32Array | undefined;

export function halfFloats(patterns: Uint16Array): Float32Array {
  const values = (table ??= Float32Array.from({ length: 1 << 16 }, (_, pattern) => halfFloat(pattern)));
  return Float32Array.from(patterns, (pattern) => values[pattern] as number);
}

function halfFloat(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >>> 10) & 0x1f;
  const fraction = pattern & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
