// Completes a configuration from what the loaded model says of itself: names, datatypes and sizes of its tensors, and
// whether it batches. What the file says stands, and must fit the model.
import { WeftError } from '@weft/errors';
import type { DataType__Output } from '@weft/rpc/messages/inference/DataType';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { ModelInput__Output } from '@weft/rpc/messages/inference/ModelInput';
import type { ModelOutput__Output } from '@weft/rpc/messages/inference/ModelOutput';
import type { Datatype, TensorSpec } from '@weft/tensor';

/** Rows of one batch when the configuration leaves that open and the model's first dimension is free. */
const defaultMaxBatchSize = 32;

export interface ModelInterface {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** The completed configuration. Throws INVALID_ARGUMENT when it names tensors that the model does not have. */
export function completeConfig(config: ModelConfig__Output, model: ModelInterface): ModelConfig__Output {
  requireKnown('input', config.input, model.inputs);
  requireKnown('output', config.output, model.outputs);
  const batches = leavesBatchingOpen(config) && looksBatched(model);
  const maxBatchSize = batches ? defaultMaxBatchSize : config.maxBatchSize;
  const described = (
    spec: TensorSpec,
  ): typeof plainTensor & Pick<ModelInput__Output, 'name' | 'dataType' | 'dims'> => ({
    ...plainTensor,
    name: spec.name,
    dataType: dataTypeOf(spec.datatype),
    dims: [...(maxBatchSize > 0 ? spec.shape.slice(1) : spec.shape)],
  });
  const { inputs, outputs } = visibleTensors(config, model);
  return {
    ...config,
    maxBatchSize,
    input: config.input.length > 0 ? config.input : inputs.map((spec) => ({ ...plainInput, ...described(spec) })),
    output: config.output.length > 0 ? config.output : outputs.map((spec) => ({ ...plainOutput, ...described(spec) })),
  };
}

/**
 * The tensors that clients see. The others are made by the server for sequences, or kept between their requests; an output
 * that is kept is seen where the configuration lists it.
 */
export function visibleTensors(config: ModelConfig__Output, { inputs, outputs }: ModelInterface): ModelInterface {
  const { controlInput = [], state = [] } = config.sequenceBatching ?? {};
  if (controlInput.length === 0 && state.length === 0) return { inputs, outputs };
  const hidden = new Set([...controlInput.map(({ name }) => name), ...state.map(({ inputName }) => inputName)]);
  const kept = new Set(state.map(({ outputName }) => outputName));
  const listed = new Set(config.output.map(({ name }) => name));
  return {
    inputs: inputs.filter(({ name }) => !hidden.has(name)),
    outputs: outputs.filter(({ name }) => !kept.has(name) || listed.has(name)),
  };
}

// Written out rather than made by the schema, which would be loaded and compiled in every worker for this alone.
const plainTensor = { reshape: null, isShapeTensor: false, isNonLinearFormatIo: false };
const plainInput: Pick<ModelInput__Output, 'format' | 'allowRaggedBatch' | 'optional'> = {
  format: 'FORMAT_NONE',
  allowRaggedBatch: false,
  optional: false,
};
const plainOutput: Pick<ModelOutput__Output, 'labelFilename'> = { labelFilename: '' };

/** The tensors as the configuration has them. */
export function tensorsOfConfig({ maxBatchSize, input, output }: ModelConfig__Output): ModelInterface {
  const spec = ({
    name,
    dataType,
    dims,
  }: {
    name: string;
    dataType: DataType__Output;
    dims: number[];
  }): TensorSpec => ({
    name,
    datatype: datatypeOf(dataType) as Datatype,
    shape: maxBatchSize > 0 ? [-1, ...dims] : dims,
  });
  return { inputs: input.map(spec), outputs: output.map(spec) };
}

/** Whether the configuration leaves it to the model if it batches: it names neither a size nor a tensor. */
export function leavesBatchingOpen({ maxBatchSize, input, output }: ModelConfig__Output): boolean {
  return maxBatchSize === 0 && input.length === 0 && output.length === 0;
}

/**
 * Whether the first dimension can be the batch: it is open in every tensor, and not all inputs are vectors. The one open
 * dimension of a vector is as likely its length, and joining requests along that would mix their answers.
 */
function looksBatched({ inputs, outputs }: ModelInterface): boolean {
  return [...inputs, ...outputs].every(({ shape }) => shape[0] === -1) && inputs.some(({ shape }) => shape.length > 1);
}

function requireKnown(kind: string, configured: readonly { name: string }[], present: readonly TensorSpec[]): void {
  for (const { name } of configured) {
    if (present.some((spec) => spec.name === name)) continue;
    const names = present.map((spec) => `'${spec.name}'`).join(', ');
    throw new WeftError('INVALID_ARGUMENT', `the configuration has an ${kind} '${name}'; the model has ${names}`);
  }
}

/** The configuration's spelling of a datatype: FP32 → TYPE_FP32, BYTES → TYPE_STRING. */
function dataTypeOf(datatype: Datatype): DataType__Output {
  return datatype === 'BYTES' ? 'TYPE_STRING' : `TYPE_${datatype}`;
}

/** The protocol's spelling of a configuration's datatype: TYPE_STRING → BYTES. */
export function datatypeOf(dataType: DataType__Output): string {
  return dataType === 'TYPE_STRING' ? 'BYTES' : dataType.replace('TYPE_', '');
}
