// Tensors of zeros (BYTES: the text 0, since some models read numbers from text) for warming up models of which nothing is known
// but their inputs.
import { datatypes, elementCount, type Tensor, type TensorMap, type TensorSpec } from '@weft/tensor';
import type { InferInterface } from '../infer/infer-interface.ts';

/** For dimensions that may be padded, and so may be of any length. */
const anyLength = 32;

/** `rows` rows of zeros for each input; undefined when a dimension is open of which nobody knows what is real. */
export function emptyTensors(target: InferInterface, rows: number): TensorMap | undefined {
  const feeds: Record<string, Tensor> = {};
  for (const spec of target.inputs) {
    const shape = closedShape(spec, target, rows);
    if (shape.includes(-1)) return undefined;
    const count = elementCount(shape);
    const { datatype } = spec;
    const elements =
      datatype === 'BYTES'
        ? Array.from({ length: count }, () => Uint8Array.of(0x30))
        : new datatypes[datatype].array(count);
    feeds[spec.name] = { datatype, shape, elements };
  }
  return feeds;
}

function closedShape({ name, shape }: TensorSpec, { maxBatchSize, padding }: InferInterface, rows: number): number[] {
  const paddedAxes = padding.inputs.get(name)?.axes ?? [];
  const closed = shape.map((size, axis) => (paddedAxes.includes(axis) ? anyLength : size));
  return maxBatchSize > 0 ? [rows, ...closed.slice(1)] : closed;
}
