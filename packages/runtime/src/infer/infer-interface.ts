// What ModelInfer must know of a loaded model, made once from its completed configuration and its tensors as clients see them.
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { ModelTensors } from '@weft/rpc/wire';
import { type OptionalInputs, readOptionalInputs } from './optional-inputs.ts';
import { type Padding, readPadding } from './padding.ts';
import { type RaggedBatch, readRaggedBatch } from './ragged-batch.ts';

export interface InferInterface extends ModelTensors {
  readonly optional: OptionalInputs;
  readonly padding: Padding;
  readonly ragged: RaggedBatch | undefined;
}

/** Throws INVALID_ARGUMENT for a configuration that does not fit the model. */
export function inferInterface(
  config: ModelConfig__Output,
  { inputs, outputs }: Pick<InferInterface, 'inputs' | 'outputs'>,
): InferInterface {
  return {
    model: config.name,
    inputs,
    outputs,
    optional: readOptionalInputs(config, inputs),
    maxBatchSize: config.maxBatchSize,
    ragged: readRaggedBatch(config),
    padding: readPadding({
      inputs,
      outputs,
      pad: parametersOf(config, 'weft.pad.'),
      cut: parametersOf(config, 'weft.cut.'),
      batches: config.maxBatchSize > 0,
    }),
  };
}

/** The values of the parameters that begin so, by the rest of their names. They may be empty. */
function parametersOf(config: ModelConfig__Output, prefix: string): Record<string, string> {
  const entries = Object.entries(config.parameters).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(entries.map(([key, { stringValue }]) => [key.slice(prefix.length), stringValue]));
}
