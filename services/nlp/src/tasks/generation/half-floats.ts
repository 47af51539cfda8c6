// Numbers from the bit patterns of 16-bit floats, by a table: models with such logits give thousands for every token.
import { getFloat16 } from '@petamoriken/float16';

let table: Float32Array | undefined;

export function halfFloats(patterns: Uint16Array): Float32Array {
  const values = (table ??= everyHalf());
  return Float32Array.from(patterns, (pattern) => values[pattern] as number);
}

function everyHalf(): Float32Array {
  const half = new DataView(new ArrayBuffer(2));
  return Float32Array.from({ length: 1 << 16 }, (_, pattern) => {
    half.setUint16(0, pattern);
    return getFloat16(half, 0);
  });
}
