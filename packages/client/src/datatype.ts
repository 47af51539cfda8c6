// The datatypes of the Open Inference Protocol and the typed array that holds each. FP16 and BF16 are 16-bit patterns
// (see half.ts), because JavaScript has no array of them that every supported Node knows.

export const arrays = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const;

/** A datatype whose elements all have one size. */
export type FixedDatatype = keyof typeof arrays;

export type Datatype = FixedDatatype | 'BYTES';

export type TypedArray = InstanceType<(typeof arrays)[FixedDatatype]>;

export function isDatatype(name: string): name is Datatype {
  return name === 'BYTES' || Object.hasOwn(arrays, name);
}
