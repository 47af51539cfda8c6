export { type Datatype, datatypes, type FixedDatatype, isDatatype } from './datatype.ts';
export { freeMemory } from './free-memory.ts';
export { decodeRaw, encodeRaw, RawSizeError } from './raw.ts';
export { cutTensor, type Element, padTensor } from './pad.ts';
export { joinRows, sliceRows, splitRows } from './rows.ts';
export {
  type BytesElements,
  elementCount,
  float32Elements,
  float32Tensor,
  int32Tensor,
  int64Tensor,
  stringElements,
  stringTensor,
  type Tensor,
  type TensorMap,
  type TensorSpec,
  type TypedArray,
} from './tensor.ts';
