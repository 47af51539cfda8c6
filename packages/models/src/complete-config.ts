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

/**
 * The completed configuration: every input and output with its datatype and its dims. Outputs that a configuration does not list,
 * where it lists any, are not offered. Throws INVALID_ARGUMENT for tensors that the model does not have, or has otherwise.
 */
export function completeConfig(config: ModelConfig__Output, model: ModelInterface): ModelConfig__Output {
  requireKnown('input', config.input, model.inputs);
  requireKnown('output', config.output, model.outputs);
  const maxBatchSize = batches(config, model) ? config.maxBatchSize || defaultMaxBatchSize : 0;
  const described = (
    spec: TensorSpec,
  ): typeof plainTensor & Pick<ModelInput__Output, 'name' | 'dataType' | 'dims'> => ({
    ...plainTensor,
    name: spec.name,
    dataType: dataTypeOf(spec.datatype),
    dims: [...(maxBatchSize > 0 ? spec.shape.slice(1) : spec.shape)],
  });
  const visible = visibleTensors(config, model);
  const specOf = (specs: readonly TensorSpec[], name: string) => specs.find((spec) => spec.name === name) as TensorSpec;
  const completed = <Configured extends ModelInput__Output | ModelOutput__Output>(
    entry: Configured,
    spec: TensorSpec,
  ) => {
    const { dataType, dims } = described(spec);
    const complete = {
      ...entry,
      dataType: entry.dataType === 'TYPE_INVALID' ? dataType : entry.dataType,
      dims: entry.dims.length === 0 ? dims : entry.dims,
    };
    if (complete.dataType !== dataType) throw otherDatatype(config.name, spec, complete.dataType);
    return complete;
  };
  const input = config.input.map((entry) => {
    const spec = specOf(model.inputs, entry.name);
    const complete = completed(entry, spec);
    if (!complete.allowRaggedBatch) checkShape(config.name, spec, { ...shapeOf(complete, maxBatchSize), fixed: true });
    return complete;
  });
  const output = config.output.map((entry) => {
    const spec = specOf(model.outputs, entry.name);
    const complete = completed(entry, spec);
    checkShape(config.name, spec, { ...shapeOf(complete, maxBatchSize), fixed: false });
    return complete;
  });
  const left = visible.inputs.filter(({ name }) => !input.some((entry) => entry.name === name));
  return {
    ...config,
    maxBatchSize,
    input: [...input, ...left.map((spec) => ({ ...plainInput, ...described(spec) }))],
    output: output.length > 0 ? output : visible.outputs.map((spec) => ({ ...plainOutput, ...described(spec) })),
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

/**
 * The tensors that clients see. The others are made by the server for batches and sequences, or kept between the requests of a
 * sequence; an output that is kept is seen where the configuration lists it.
 */
function visibleTensors(config: ModelConfig__Output, { inputs, outputs }: ModelInterface): ModelInterface {
  const { controlInput = [], state = [] } = config.sequenceBatching ?? {};
  const hidden = new Set([
    ...config.batchInput.flatMap(({ targetName }) => targetName),
    ...controlInput.map(({ name }) => name),
    ...state.map(({ inputName }) => inputName),
  ]);
  const kept = new Set(state.map(({ outputName }) => outputName));
  return {
    inputs: inputs.filter(({ name }) => !hidden.has(name)),
    outputs: outputs.filter(({ name }) => !kept.has(name)),
  };
}

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

/** Whether the configuration leaves it to the model if it batches: it names neither a size nor a tensor's dims. */
export function leavesBatchingOpen({ maxBatchSize, input, output }: ModelConfig__Output): boolean {
  return maxBatchSize === 0 && [...input, ...output].every(({ dims }) => dims.length === 0);
}

/**
 * A configuration without a size leaves it to the model; so does one whose dims all want the model's first dimension, and that is
 * open: only with the rows before them they fit.
 */
function batches(config: ModelConfig__Output, model: ModelInterface): boolean {
  if (config.maxBatchSize > 0) return true;
  if (leavesBatchingOpen(config)) return looksBatched(model);
  const specs = new Map([...model.inputs, ...model.outputs].map((spec) => [spec.name, spec]));
  const sized = [...config.input, ...config.output].filter(({ dims }) => dims.length > 0);
  const lacksRows = sized.every(({ name, dims, reshape }) => {
    const { length } = (reshape ?? undefined)?.shape ?? dims;
    return length + 1 === specs.get(name)?.shape.length;
  });
  return lacksRows && looksBatched(model);
}

/**
 * Whether the first dimension can be the batch: it is open in every tensor, and not all inputs are vectors. The one open
 * dimension of a vector is as likely its length, and joining requests along that would mix their answers.
 */
function looksBatched({ inputs, outputs }: ModelInterface): boolean {
  return [...inputs, ...outputs].every(({ shape }) => shape[0] === -1) && inputs.some(({ shape }) => shape.length > 1);
}

/** The shape that the model should see. */
function shapeOf(
  { dims, reshape }: ModelInput__Output | ModelOutput__Output,
  maxBatchSize: number,
): { readonly shape: readonly number[]; readonly maxBatchSize: number } {
  const shape = (reshape ?? undefined)?.shape ?? dims;
  return { shape: maxBatchSize > 0 ? [-1, ...shape] : shape, maxBatchSize };
}

/**
 * `fixed`: what is fixed in the model may not be open in the configuration, but for the rows of a model that takes just so many. Of
 * some tensors runtimes know no shape.
 */
function checkShape(
  model: string,
  spec: TensorSpec,
  {
    shape,
    maxBatchSize,
    fixed,
  }: { readonly shape: readonly number[]; readonly maxBatchSize: number; readonly fixed: boolean },
): void {
  if (spec.shape.length === 0) return;
  const batches = maxBatchSize > 0;
  const fits = (size: number, axis: number): boolean =>
    size === -1 ||
    size === shape[axis] ||
    (shape[axis] === -1 && (batches && axis === 0 ? size === maxBatchSize : !fixed));
  if (spec.shape.length === shape.length && spec.shape.every(fits)) return;
  const rows = batches
    ? 'an initial batch dimension because max_batch_size > 0 followed by the explicit tensor shape, '
    : '';
  const whole = batches ? 'making complete shape' : 'shape';
  throw new WeftError(
    'INVALID_ARGUMENT',
    `model '${model}', tensor '${spec.name}': the model expects ${spec.shape.length} dimensions (shape [${spec.shape.join(',')}]) but the model configuration specifies ${shape.length} dimensions (${rows}${whole} [${shape.join(',')}])`,
  );
}

function otherDatatype(model: string, spec: TensorSpec, configured: DataType__Output): WeftError {
  return new WeftError(
    'INVALID_ARGUMENT',
    `model '${model}', tensor '${spec.name}': the model configuration specifies datatype ${configured}, but the model has ${dataTypeOf(spec.datatype)}`,
  );
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
