// What a configuration says that cannot be meant, or that weft does not do: refused before anything is loaded, with the reason in the
// index of models. What is left out here is obeyed, or has no effect that a client could notice: docs/models.md has the table.
import { invalidArgument } from '@weft/errors';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import { checksumAgent } from './artifact.ts';

type ConfiguredInput = ModelConfig__Output['input'][number];
type ConfiguredTensor = ConfiguredInput | ModelConfig__Output['output'][number];

/** Throws INVALID_ARGUMENT naming the setting. */
export function checkConfig(config: ModelConfig__Output): void {
  if (config.maxBatchSize < 0)
    throw invalidArgument(`max_batch_size: expected a number that is not negative, got ${config.maxBatchSize}`);
  refuseUnsupported(config);
  for (const [kind, tensors] of [
    ['input', config.input],
    ['output', config.output],
  ] as const) {
    const names = new Set<string>();
    for (const tensor of tensors) {
      const where = `${kind} '${tensor.name}'`;
      if (tensor.name === '') throw invalidArgument(`${kind}: a tensor has no name`);
      if (names.has(tensor.name)) throw invalidArgument(`${where} is listed twice`);
      names.add(tensor.name);
      checkDims(where, tensor);
    }
  }
  for (const input of config.input) checkInput(config, input);
  checkInstances(config);
}

function refuseUnsupported(config: ModelConfig__Output): void {
  const refuse = (setting: string, why: string): never => {
    throw invalidArgument(`${setting} is not supported: ${why}`);
  };
  if (Object.keys(config.ccModelFilenames).length > 0)
    refuse('cc_model_filenames', 'one file serves on every device; default_model_filename names it');
  if ((config.modelOperations?.opLibraryFilename.length ?? 0) > 0)
    refuse('model_operations', 'onnxruntime-node loads no libraries of custom operators');
  for (const { name } of config.modelRepositoryAgents?.agents ?? [])
    if (name !== checksumAgent) refuse(`the model repository agent '${name}'`, `weft has '${checksumAgent}' only`);
  if (config.batchOutput.length > 0) refuse('batch_output', 'outputs are shared out by rows');
  if ([...config.input, ...config.output].some(({ isShapeTensor }) => isShapeTensor))
    refuse('is_shape_tensor', 'only TensorRT engines have shape tensors');
  if ([...config.input, ...config.output].some(({ isNonLinearFormatIo }) => isNonLinearFormatIo))
    refuse('is_non_linear_format_io', 'only TensorRT engines have such tensors');
}

function checkDims(where: string, { dims, reshape }: ConfiguredTensor): void {
  const wrong = dims.find((size) => size < -1 || size === 0);
  if (wrong !== undefined)
    throw invalidArgument(`${where}: dims must be 1 or more, or -1 for a dimension of any size, got ${wrong}`);
  const shape = (reshape ?? undefined)?.shape;
  if (shape === undefined) return;
  const wrongSize = shape.find((size) => size < -1 || size === 0);
  if (wrongSize !== undefined)
    throw invalidArgument(`${where}: reshape must be 1 or more, or -1 for a dimension of any size, got ${wrongSize}`);
  // Between open dimensions, which keep their order, there must be as many elements on both sides.
  const [before, after] = [countsBetweenOpen(dims), countsBetweenOpen(shape)];
  if (before.length !== after.length || before.some((count, index) => count !== after[index]))
    throw invalidArgument(`${where}: dims [${dims.join(',')}] cannot be reshaped to [${shape.join(',')}]`);
}

/** The elements before, between and behind the dimensions of any size. */
function countsBetweenOpen(sizes: readonly number[]): number[] {
  const counts = [1];
  for (const size of sizes) {
    if (size === -1) counts.push(1);
    else counts[counts.length - 1] = (counts.at(-1) as number) * size;
  }
  return counts;
}

function checkInput(
  { maxBatchSize }: ModelConfig__Output,
  { name, format, dims, allowRaggedBatch, reshape }: ConfiguredInput,
): void {
  if (format !== 'FORMAT_NONE' && dims.length !== 3)
    throw invalidArgument(`input '${name}': ${format} requires 3 dims, got [${dims.join(',')}]`);
  if (allowRaggedBatch && maxBatchSize === 0)
    throw invalidArgument(`input '${name}': allow_ragged_batch needs max_batch_size`);
  if (allowRaggedBatch && (reshape ?? undefined) !== undefined)
    throw invalidArgument(`input '${name}': allow_ragged_batch and reshape exclude each other`);
}

function checkInstances({ instanceGroup }: ModelConfig__Output): void {
  for (const { name, count, gpus, kind } of instanceGroup) {
    const where = `instance group '${name}'`;
    if (count < 0) throw invalidArgument(`${where}: count is ${count}`);
    if (gpus.some((gpu) => gpu < 0))
      throw invalidArgument(`${where}: gpus are numbers from 0 on, got [${gpus.join(', ')}]`);
    if (gpus.length > 0 && kind === 'KIND_CPU')
      throw invalidArgument(`${where} has kind KIND_CPU but specifies one or more GPUs`);
  }
}
