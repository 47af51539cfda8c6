// Padding: a tensor grown to a larger shape of the same rank, its own elements at the origin and a fill value elsewhere;
// and the way back. So tensors of different sizes can share one batch.
import { datatypes } from './datatype.ts';
import { type BytesElements, elementCount, type Tensor } from './tensor.ts';

/** One element: a bigint for 64-bit integers, bytes for BYTES, the bit pattern for FP16 and BF16. */
export type Element = number | bigint | Uint8Array;

/** A new tensor of `shape`, no size of which may be less than the tensor's. `fill` is an element of its datatype. */
export function padTensor(tensor: Tensor, shape: readonly number[], fill: Element): Tensor {
  const { datatype } = tensor;
  const count = elementCount(shape);
  const elements =
    datatype === 'BYTES'
      ? new Array<Uint8Array>(count).fill(fill as Uint8Array)
      : new datatypes[datatype].array(count).fill(fill as never);
  const padded = { datatype, shape, elements };
  for (const { inSmaller, inLarger, length } of sharedStretches(tensor.shape, shape))
    copy(tensor, padded.elements, { from: inSmaller, to: inLarger, length });
  return padded;
}

/** The part of `shape` at the origin of a tensor that is at least as large, as a new tensor. */
export function cutTensor(tensor: Tensor, shape: readonly number[]): Tensor {
  const { datatype } = tensor;
  const count = elementCount(shape);
  const elements = datatype === 'BYTES' ? new Array<Uint8Array>(count) : new datatypes[datatype].array(count);
  const cut = { datatype, shape, elements };
  for (const { inSmaller, inLarger, length } of sharedStretches(shape, tensor.shape))
    copy(tensor, cut.elements, { from: inLarger, to: inSmaller, length });
  return cut;
}

/** Elements that lie in one piece in two shapes: where they begin in each. */
interface Stretch {
  readonly inSmaller: number;
  readonly inLarger: number;
  readonly length: number;
}

/** All elements of the smaller shape. */
function* sharedStretches(smaller: readonly number[], larger: readonly number[]): Generator<Stretch> {
  // What lies behind the last axis that differs is contiguous in both, together with that axis.
  let last = smaller.length - 1;
  while (last > 0 && smaller[last] === larger[last]) last--;
  const length = elementCount(smaller.slice(Math.max(last, 0)));
  if (elementCount(smaller) === 0) return;
  const outer = smaller.slice(0, Math.max(last, 0));
  const strides = larger.map((_, axis) => elementCount(larger.slice(axis + 1)));
  for (let stretch = 0; stretch < elementCount(outer); stretch++) {
    let [inLarger, left] = [0, stretch];
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const size = outer[axis] as number;
      inLarger += (left % size) * (strides[axis] as number);
      left = Math.floor(left / size);
    }
    yield { inSmaller: stretch * length, inLarger, length };
  }
}

function copy(
  { datatype, elements }: Tensor,
  target: Tensor['elements'],
  { from, to, length }: { readonly from: number; readonly to: number; readonly length: number },
): void {
  if (datatype === 'BYTES') {
    const [strings, copies] = [elements as BytesElements, target as Uint8Array[]];
    for (let index = 0; index < length; index++) copies[to + index] = strings[from + index] as Uint8Array;
  } else (target as Uint8Array).set((elements as Uint8Array).subarray(from, from + length), to);
}
