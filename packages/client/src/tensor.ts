// Tensors as a user of the client meets them: plain objects, so that a literal does, and the inputs take whatever holds
// numbers or text.
import type { Datatype, TypedArray } from './datatype.ts';
import { bfloat16ToNumber, float16ToNumber } from './half.ts';

export interface InferTensor {
  readonly datatype: Datatype;
  /** Sizes of the dimensions, all of them at least 0; `[]` is a scalar. */
  readonly shape: readonly number[];
  /**
   * The elements in row-major order: the datatype's typed array, or an array of numbers, bigints (INT64, UINT64) or
   * booleans (BOOL); for BYTES strings (sent as UTF-8) or bytes.
   */
  readonly elements: TensorElements;
}

export type TensorElements =
  | TypedArray
  | readonly number[]
  | readonly bigint[]
  | readonly boolean[]
  | readonly string[]
  | readonly Uint8Array[];

export interface OutputTensor {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** The datatype's typed array (FP16 and BF16: bit patterns in a Uint16Array); for BYTES one entry for each element. */
  readonly elements: TypedArray | readonly Uint8Array[];
}

/** How many elements a shape holds: 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}

/**
 * The elements as plain values: numbers (FP16 and BF16 are decoded), bigints for 64-bit integers, booleans, and strings
 * for BYTES, read as UTF-8.
 */
export function tensorValues(tensor: OutputTensor): (number | bigint | boolean | string)[] {
  const { datatype, elements } = tensor;
  if (datatype === 'BYTES')
    return Array.from(elements as readonly Uint8Array[], (bytes) => Buffer.from(bytes).toString());
  if (datatype === 'BOOL') return Array.from(elements as Uint8Array, (byte) => byte !== 0);
  if (datatype === 'FP16') return Array.from(elements as Uint16Array, float16ToNumber);
  if (datatype === 'BF16') return Array.from(elements as Uint16Array, bfloat16ToNumber);
  return Array.from(elements as Iterable<number | bigint>);
}
