// The datatypes of the Open Inference Protocol, in its spelling, with their sizes and the typed array that holds each.
// FP16 and BF16 stay 16-bit patterns in a Uint16Array: nothing here computes with them.

export const datatypes = {
  BOOL: { byteSize: 1, array: Uint8Array },
  UINT8: { byteSize: 1, array: Uint8Array },
  UINT16: { byteSize: 2, array: Uint16Array },
  UINT32: { byteSize: 4, array: Uint32Array },
  UINT64: { byteSize: 8, array: BigUint64Array },
  INT8: { byteSize: 1, array: Int8Array },
  INT16: { byteSize: 2, array: Int16Array },
  INT32: { byteSize: 4, array: Int32Array },
  INT64: { byteSize: 8, array: BigInt64Array },
  FP16: { byteSize: 2, array: Uint16Array },
  BF16: { byteSize: 2, array: Uint16Array },
  FP32: { byteSize: 4, array: Float32Array },
  FP64: { byteSize: 8, array: Float64Array },
} as const;

/** A datatype with elements of one size; BYTES has none. */
export type FixedDatatype = keyof typeof datatypes;
export type Datatype = FixedDatatype | 'BYTES';

export function isDatatype(name: string): name is Datatype {
  return name === 'BYTES' || Object.hasOwn(datatypes, name);
}
