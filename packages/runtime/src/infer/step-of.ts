// The step that a request of ModelInfer is in its sequence, for a model that batches sequences.
import { invalidArgument } from '@weft/errors';
import type { ItemSequence } from '@weft/rpc/wire';
import type { TensorMap } from '@weft/tensor';
import type { InferInterface } from './infer-interface.ts';
import type { InstanceSequences, SequenceStep } from './instance-sequences.ts';
import { rowsOf } from './plan-joins.ts';

/** Throws INVALID_ARGUMENT for a request without a sequence, or of several rows, in Triton's words. */
export function stepOf(
  sequences: InstanceSequences,
  { inputs, sequence }: { readonly inputs: TensorMap; readonly sequence: ItemSequence | undefined },
  { model, maxBatchSize }: Pick<InferInterface, 'model' | 'maxBatchSize'>,
): SequenceStep {
  if (sequence === undefined)
    throw invalidArgument(`inference request to model '${model}' must specify a non-zero or non-empty correlation ID`);
  if (maxBatchSize > 0 && Object.keys(inputs).length > 0 && rowsOf(inputs) !== 1)
    throw invalidArgument(
      `inference request to model '${model}' must specify batch-size 1 due to requirements of sequence batcher`,
    );
  return sequences.step(sequence);
}
