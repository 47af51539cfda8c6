// Rows of a batch: tensors are joined along their first dimension and cut apart again. Joining copies each once, by
// bytes; cutting shares memory.
import { datatypes } from './datatype.ts';
import { encodeRaw } from './raw.ts';
import { type BytesElements, elementCount, type Tensor, type TypedArray } from './tensor.ts';

/** Joins tensors of one datatype and of shapes that differ at most in their first dimension. One alone is returned as it is. */
export function joinRows(tensors: readonly [Tensor, ...Tensor[]]): Tensor {
  const [first] = tensors;
  if (tensors.length === 1) return first;
  const rows = tensors.reduce((sum, tensor) => sum + (tensor.shape[0] ?? 0), 0);
  const shape = [rows, ...first.shape.slice(1)];
  const { datatype } = first;
  if (datatype === 'BYTES')
    return { datatype, shape, elements: tensors.flatMap((tensor) => tensor.elements as BytesElements) };
  const { array } = datatypes[datatype];
  const elements = new array(elementCount(shape));
  const bytes = new Uint8Array(elements.buffer);
  let at = 0;
  for (const tensor of tensors) {
    const raw = encodeRaw(tensor);
    bytes.set(raw, at);
    at += raw.byteLength;
  }
  return { datatype, shape, elements };
}

/** Cuts a tensor into pieces of so many rows each. Their sum must be its first dimension. */
export function splitRows(tensor: Tensor, rowCounts: readonly number[]): Tensor[] {
  let from = 0;
  return rowCounts.map((rows) => {
    const piece = sliceRows(tensor, from, rows);
    from += rows;
    return piece;
  });
}

/** `rows` rows of a tensor, the first of them at `from`. */
export function sliceRows({ datatype, shape, elements }: Tensor, from: number, rows: number): Tensor {
  const inner = shape.slice(1);
  const perRow = elementCount(inner);
  const [start, end] = [from * perRow, (from + rows) * perRow];
  const slice =
    datatype === 'BYTES'
      ? (elements as BytesElements).slice(start, end)
      : (elements as TypedArray).subarray(start, end);
  return { datatype, shape: [rows, ...inner], elements: slice };
}
