// Element types of ONNX (TensorProto.DataType in onnx.proto3) and the protocol's datatypes that mean the same.
// What stands in no row (complex numbers, 8-bit floats, 4-bit integers) has no datatype in weft.
import type { Datatype } from '@weft/tensor';

const elementTypes: Readonly<Record<Datatype, number>> = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
  BF16: 16,
};

const datatypesByElementType = new Map(Object.entries(elementTypes).map(([name, type]) => [type, name as Datatype]));

export function onnxElementType(datatype: Datatype): number {
  return elementTypes[datatype];
}

/** The datatype of an ONNX element type; undefined where weft has none. */
export function datatypeOfElementType(elementType: number): Datatype | undefined {
  return datatypesByElementType.get(elementType);
}
