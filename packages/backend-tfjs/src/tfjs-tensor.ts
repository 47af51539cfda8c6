// Tensors to and from those of TensorFlow.js, which knows four of the protocol's datatypes. Its tensors are freed by
// hand: whoever calls these owns what toTfjs gives, and takes care of what fromTfjs reads.
import { type DataType, tensor as makeTensor, type Tensor as TfjsTensor, type TensorLike } from '@tensorflow/tfjs-core';
import type { BytesElements, Datatype, Tensor, TypedArray } from '@weft/tensor';

const datatypes: Readonly<Partial<Record<DataType, Datatype>>> = {
  float32: 'FP32',
  int32: 'INT32',
  bool: 'BOOL',
  string: 'BYTES',
};
const dtypes = new Map(Object.entries(datatypes).map(([dtype, datatype]) => [datatype, dtype as DataType]));

/** Undefined for complex numbers, which the protocol does not have. */
export function datatypeOf(dtype: DataType): Datatype | undefined {
  return datatypes[dtype];
}

export function toTfjs({ datatype, shape, elements }: Tensor): TfjsTensor {
  const dtype = dtypes.get(datatype);
  if (dtype === undefined) throw new TypeError(`TensorFlow.js has no ${datatype}`);
  return makeTensor(elements as unknown as TensorLike, shape as number[], dtype);
}

/** `copies`: the elements must not share memory with what the engine keeps. */
export async function fromTfjs(tensor: TfjsTensor, copies: boolean): Promise<Tensor> {
  const datatype = datatypeOf(tensor.dtype);
  if (datatype === undefined) throw new TypeError(`TensorFlow.js gave a tensor of ${tensor.dtype}`);
  const elements = (datatype === 'BYTES' ? await tensor.bytes() : await tensor.data()) as TypedArray | BytesElements;
  return { datatype, shape: tensor.shape, elements: copies ? elements.slice() : elements };
}
