// Tensors of zeros (BYTES: empty strings) for warming up models of which nothing is known but their inputs.
import { datatypes, elementCount, type Tensor, type TensorMap, type TensorSpec } from '@weft/tensor';

/** One row of zeros for each input; undefined when a dimension other than the batch is open. */
export function emptyTensors(inputs: readonly TensorSpec[], batches: boolean): TensorMap | undefined {
  const feeds: Record<string, Tensor> = {};
  for (const { name, datatype, shape } of inputs) {
    const closed = batches ? [1, ...shape.slice(1)] : [...shape];
    if (closed.includes(-1)) return undefined;
    const count = elementCount(closed);
    const elements =
      datatype === 'BYTES'
        ? Array.from({ length: count }, () => new Uint8Array(0))
        : new datatypes[datatype].array(count);
    feeds[name] = { datatype, shape: closed, elements };
  }
  return feeds;
}
