// Turns the stored bytes of one weight into 32-bit floats. TensorFlow.js stores a weight as it is, or quantized: as
// 16-bit floats, or as unsigned integers q that mean q · scale + min. The arithmetic is in 64 bits and rounded once,
// like theirs, so that both runtimes compute with the very same weights.
import { getFloat16 } from '@petamoriken/float16';

export interface Quantization {
  readonly dtype: 'uint8' | 'uint16' | 'float16';
  readonly scale: number;
  readonly min: number;
}

export const storedBytes = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 } as const;

/** `bytes`: little-endian, aligned or not. */
export function decodeWeight(bytes: Uint8Array, quantization: Quantization | undefined): Float32Array {
  // A copy of the bytes starts at the beginning of its buffer, where every typed array may start.
  const { buffer } = new Uint8Array(bytes);
  if (quantization === undefined) return new Float32Array(buffer);
  if (quantization.dtype === 'float16') {
    const halves = new DataView(buffer);
    return Float32Array.from({ length: buffer.byteLength / 2 }, (_, at) => getFloat16(halves, 2 * at, true));
  }
  const { scale, min } = quantization;
  const levels = quantization.dtype === 'uint8' ? new Uint8Array(buffer) : new Uint16Array(buffer);
  const values = new Float32Array(levels.length);
  for (let i = 0; i < levels.length; i++) values[i] = (levels[i] ?? 0) * scale + min;
  return values;
}
