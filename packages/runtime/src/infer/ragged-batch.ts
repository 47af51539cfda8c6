// Ragged batches, Triton's way to run rows of different lengths together without padding: the rows of an input with
// `allow_ragged_batch` lie one behind the other in a tensor of one dimension, and the inputs in `batch_input` tell the model where each
// begins and ends. Every row is a piece of its own here, so that a request of several rows means the same as several requests.
import { invalidArgument } from '@weft/errors';
import { datatypeOf } from '@weft/models/config';
import type { BatchInput__Output } from '@weft/rpc/messages/inference/BatchInput';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import { elementCount, joinRows, type Tensor, type TensorMap } from '@weft/tensor';

export interface RaggedBatch {
  readonly inputs: ReadonlySet<string>;
  readonly batchInputs: readonly BatchInput__Output[];
}

/** Undefined for a model that has none of this. Throws INVALID_ARGUMENT naming the batch input that cannot be made. */
export function readRaggedBatch(config: ModelConfig__Output): RaggedBatch | undefined {
  const inputs = new Set(config.input.filter(({ allowRaggedBatch }) => allowRaggedBatch).map(({ name }) => name));
  const { batchInput } = config;
  for (const { kind, targetName, sourceInput, dataType } of batchInput) {
    const where = `batch_input ${kind}`;
    if (config.maxBatchSize === 0) throw invalidArgument(`${where} needs max_batch_size`);
    if (targetName.length !== 1 || sourceInput.length !== 1)
      throw invalidArgument(`${where}: expected one target_name and one source_input`);
    if (!config.input.some(({ name }) => name === sourceInput[0]))
      throw invalidArgument(`${where}: the configuration has no input '${sourceInput[0]}'`);
    if (dataType !== 'TYPE_INT32' && dataType !== 'TYPE_FP32')
      throw invalidArgument(`${where}: expected data_type TYPE_INT32 or TYPE_FP32, got ${dataType}`);
  }
  return inputs.size === 0 && batchInput.length === 0 ? undefined : { inputs, batchInputs: batchInput };
}

/** What the model is fed with for rows, each of which is one row of every input. */
export function raggedFeeds(rows: readonly TensorMap[], { inputs, batchInputs }: RaggedBatch): TensorMap {
  const feeds: Record<string, Tensor> = {};
  for (const name of Object.keys(rows[0] ?? {})) {
    const tensors = rows.map((row) => row[name] as Tensor);
    feeds[name] = joinRows((inputs.has(name) ? tensors.map(flat) : tensors) as [Tensor, ...Tensor[]]);
  }
  for (const { kind, targetName, sourceInput, dataType } of batchInputs) {
    const shapes = rows.map((row) => (row[sourceInput[0] as string] as Tensor).shape.slice(1));
    const { shape, values } = batchInput(kind, shapes);
    const elements = dataType === 'TYPE_INT32' ? Int32Array.from(values) : Float32Array.from(values);
    feeds[targetName[0] as string] = { datatype: datatypeOf(dataType) as 'INT32' | 'FP32', shape, elements };
  }
  return feeds;
}

function flat(tensor: Tensor): Tensor {
  return { ...tensor, shape: [elementCount(tensor.shape)] };
}

/** From the shapes of the rows of its source. */
function batchInput(
  kind: BatchInput__Output['kind'],
  shapes: readonly (readonly number[])[],
): { readonly shape: readonly number[]; readonly values: readonly number[] } {
  const counts = shapes.map(elementCount);
  switch (kind) {
    case 'BATCH_ELEMENT_COUNT':
      return vector(counts);
    case 'BATCH_ACCUMULATED_ELEMENT_COUNT':
      return vector(accumulated(counts));
    case 'BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO':
      return vector([0, ...accumulated(counts)]);
    case 'BATCH_MAX_ELEMENT_COUNT_AS_SHAPE':
      // The length alone tells; what stands there means nothing.
      return vector(new Array<number>(Math.max(...counts)).fill(0));
    case 'BATCH_ITEM_SHAPE':
      return { shape: [shapes.length, shapes[0]?.length ?? 0], values: shapes.flat() };
    case 'BATCH_ITEM_SHAPE_FLATTEN':
      return vector(shapes.flat());
  }
}

function vector(values: readonly number[]): { readonly shape: readonly number[]; readonly values: readonly number[] } {
  return { shape: [values.length], values };
}

function accumulated(counts: readonly number[]): number[] {
  let sum = 0;
  return counts.map((count) => (sum += count));
}
