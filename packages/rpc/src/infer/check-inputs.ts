// Does a request's tensors fit the model? The texts are those that clients of the protocol know.
import { invalidArgument } from '@weft/errors';
import { elementCount, type TensorSpec } from '@weft/tensor';
import type { TensorHead } from './given-tensor.ts';

/** What a model says of its tensors. */
export interface ModelTensors {
  readonly model: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Inputs that may be left out. */
  readonly optional: Pick<ReadonlySet<string>, 'has'>;
  /** 0: the model does not batch. */
  readonly maxBatchSize: number;
}

type GivenShape = Omit<TensorHead, 'name'>;

/** Throws INVALID_ARGUMENT naming what does not fit. */
export function checkInputs(target: ModelTensors, inputs: Readonly<Record<string, GivenShape>>): void {
  const names = Object.keys(inputs);
  const unknown = names.find((name) => !target.inputs.some((spec) => spec.name === name));
  if (unknown !== undefined)
    throw invalidArgument(`unexpected inference input '${unknown}' for model '${target.model}'`);
  const required = target.inputs.filter((spec) => !target.optional.has(spec.name));
  if (required.some((spec) => !(spec.name in inputs))) {
    const all = target.inputs.length;
    const expected =
      required.length === all ? `${all} inputs` : `number of inputs between ${required.length} and ${all}`;
    throw invalidArgument(`expected ${expected} but got ${names.length} inputs for model '${target.model}'`);
  }
  for (const spec of target.inputs) {
    const tensor = inputs[spec.name];
    if (tensor !== undefined) checkInput(target, spec, tensor);
  }
  checkRows(target, inputs);
}

/** Throws INVALID_ARGUMENT when a requested output is not the model's. */
export function checkOutputs(target: ModelTensors, outputs: readonly string[]): void {
  const unknown = outputs.find((name) => !target.outputs.some((spec) => spec.name === name));
  if (unknown !== undefined)
    throw invalidArgument(`unexpected inference output '${unknown}' for model '${target.model}'`);
}

function checkInput(target: ModelTensors, spec: TensorSpec, tensor: GivenShape): void {
  const { model } = target;
  if (tensor.datatype !== spec.datatype) {
    throw invalidArgument(
      `inference input '${spec.name}' data-type is '${tensor.datatype}', but model '${model}' expects '${spec.datatype}'`,
    );
  }
  const fits =
    tensor.shape.length === spec.shape.length &&
    spec.shape.every((size, index) => size === -1 || size === tensor.shape[index]);
  if (fits) return;
  const [expected, got] = [spec.shape.join(','), tensor.shape.join(',')];
  throw invalidArgument(
    `unexpected shape for input '${spec.name}' for model '${model}'. Expected [${expected}], got [${got}]`,
  );
}

/** In a model that batches, all inputs have the same rows. Of more than it takes at once several runs are made. */
function checkRows(target: ModelTensors, inputs: Readonly<Record<string, GivenShape>>): void {
  if (target.maxBatchSize === 0) return;
  const [first, ...others] = Object.entries(inputs);
  if (first === undefined) return;
  const rows = first[1].shape[0] ?? 0;
  // Rows that hold nothing cost the client nothing: it could ask for a run for each of trillions.
  if (rows > target.maxBatchSize && elementCount(first[1].shape) === 0)
    throw invalidArgument(`inference request batch-size must be <= ${target.maxBatchSize} for '${target.model}'`);
  const other = others.find(([, tensor]) => tensor.shape[0] !== rows);
  if (other === undefined) return;
  throw invalidArgument(
    `input '${other[0]}' has ${other[1].shape[0]} rows, but input '${first[0]}' has ${rows}, for model '${target.model}'`,
  );
}
