// What ModelInfer must know of a loaded model, made once from its configuration and its tensors.
import { completeConfig, visibleTensors } from '@weft/models/config';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { ModelTensors } from '@weft/rpc/wire';
import type { TensorSpec } from '@weft/tensor';
import { type Padding, readPadding } from './padding.ts';

export interface InferInterface extends ModelTensors {
  readonly padding: Padding;
}

/** Throws INVALID_ARGUMENT for a configuration that does not fit the model. */
export function inferInterface(
  config: ModelConfig__Output,
  tensors: Pick<InferInterface, 'inputs' | 'outputs'>,
): InferInterface {
  const complete = completeConfig(config, tensors);
  const batches = complete.maxBatchSize > 0;
  const shaped = (specs: readonly TensorSpec[], configured: readonly { name: string; dims: readonly number[] }[]) =>
    specs.map((spec) => withShape(spec, configured.find(({ name }) => name === spec.name)?.dims));
  return {
    model: config.name,
    ...visibleTensors(config, tensors),
    optional: new Set(complete.input.filter((input) => input.optional).map((input) => input.name)),
    maxBatchSize: complete.maxBatchSize,
    padding: readPadding({
      inputs: shaped(tensors.inputs, complete.input),
      outputs: shaped(tensors.outputs, complete.output),
      pad: parametersOf(config, 'weft.pad.'),
      cut: parametersOf(config, 'weft.cut.'),
      batches,
    }),
  };
}

/** Some runtimes know no shapes: then what the configuration says counts. */
function withShape(spec: TensorSpec, dims: readonly number[] | undefined): TensorSpec {
  return spec.shape.length > 0 || dims === undefined || dims.length === 0 ? spec : { ...spec, shape: [-1, ...dims] };
}

/** The values of the parameters that begin so, by the rest of their names. They may be empty. */
function parametersOf(config: ModelConfig__Output, prefix: string): Record<string, string> {
  const entries = Object.entries(config.parameters).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(entries.map(([key, { stringValue }]) => [key.slice(prefix.length), stringValue]));
}
