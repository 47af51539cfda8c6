// A tensor as a message of the Open Inference Protocol has it: its name, datatype and shape, which ModelInferRequest and
// ModelInferResponse write in the same fields, and its bytes, which stay a slice of the message.
import type { Datatype } from '@weft/tensor';
import { bytesFieldSize, type FieldWriter, textFieldSize, varintSize } from '../wire/write.ts';

/** What is said of a tensor beside its elements. */
export interface TensorHead {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

export interface RawTensor extends TensorHead {
  /** In the protocol's raw form. */
  readonly raw: Uint8Array;
}

/** Bytes of the message that writeHead writes. */
export function headSize({ name, datatype, shape }: TensorHead): number {
  const packed = packedSize(shape);
  return textFieldSize(name) + textFieldSize(datatype) + (packed > 0 ? bytesFieldSize(packed) : 0);
}

/** As field 5, where both messages have it. */
export function writeHead(out: FieldWriter, head: TensorHead): void {
  out.open(5, headSize(head));
  out.textField(1, head.name);
  out.textField(2, head.datatype);
  const packed = packedSize(head.shape);
  if (packed > 0) out.open(3, packed);
  for (const dimension of head.shape) out.varint(dimension);
}

function packedSize(shape: readonly number[]): number {
  return shape.reduce((sum, dimension) => sum + varintSize(dimension), 0);
}
