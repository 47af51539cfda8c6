// A tensor: a datatype, a shape and its elements in row-major order. Plain objects, so that they cross thread borders.
import type { Datatype } from './datatype.ts';

export type TypedArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** Elements of a BYTES tensor: each a string of bytes (UTF-8 where it is text). */
export type BytesElements = readonly Uint8Array[];

export interface Tensor {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** BYTES: one Uint8Array for each element; else a typed array of `datatypes[datatype].array`'s kind. */
  readonly elements: TypedArray | BytesElements;
}

export type TensorMap = Readonly<Record<string, Tensor>>;

/** What a model says of one of its inputs or outputs. −1 in the shape stands for any size. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** Names that the model gives its dimensions, '' where it gives none; absent when none has a name. Equal names, equal sizes. */
  readonly dimensionNames?: readonly string[];
}

/** How many elements a shape holds: 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

export function float32Tensor(shape: readonly number[], elements: Float32Array): Tensor {
  return { datatype: 'FP32', shape, elements };
}

export function int32Tensor(shape: readonly number[], elements: Int32Array): Tensor {
  return { datatype: 'INT32', shape, elements };
}

export function int64Tensor(shape: readonly number[], elements: BigInt64Array): Tensor {
  return { datatype: 'INT64', shape, elements };
}

/** A BYTES tensor of UTF-8 strings. */
export function stringTensor(shape: readonly number[], strings: readonly string[]): Tensor {
  return { datatype: 'BYTES', shape, elements: strings.map((text) => Buffer.from(text, 'utf8')) };
}

/** The elements of an FP32 tensor. Throws a TypeError when the tensor has another datatype. */
export function float32Elements(tensor: Tensor): Float32Array {
  if (tensor.elements instanceof Float32Array) return tensor.elements;
  throw new TypeError(`expected an FP32 tensor, got ${tensor.datatype}`);
}

/** The elements of a BYTES tensor as UTF-8 text. Throws a TypeError when the tensor has another datatype. */
export function stringElements(tensor: Tensor): string[] {
  if (!Array.isArray(tensor.elements)) throw new TypeError(`expected a BYTES tensor, got ${tensor.datatype}`);
  return (tensor.elements as BytesElements).map((bytes) => Buffer.from(bytes).toString('utf8'));
}
