// What every backend checks before it runs a model. The runtimes themselves are no judge: onnxruntime ignores unknown
// feeds, and each words its refusals differently. The texts follow Triton's, since clients' tests match on them; the
// model's name is not in them, because a backend does not know it.
import { invalidArgument } from '@weft/errors';
import { elementCount, type Tensor, type TensorMap, type TensorSpec } from '@weft/tensor';

/**
 * Throws INVALID_ARGUMENT unless `feeds` holds a tensor for every input, of its datatype and of a shape that fits, and
 * nothing else. An empty shape in a spec is a scalar's, or that of an input of which the model says no rank: runtimes
 * do not tell the two apart, so it admits any shape.
 */
export function checkFeeds(inputs: readonly TensorSpec[], feeds: TensorMap): void {
  for (const name of Object.keys(feeds)) {
    if (!inputs.some((input) => input.name === name)) throw invalidArgument(`unexpected inference input '${name}'`);
  }
  for (const input of inputs) {
    const tensor = Object.hasOwn(feeds, input.name) ? feeds[input.name] : undefined;
    if (tensor === undefined) throw missingInput(inputs.length, Object.keys(feeds).length, input.name);
    checkTensor(input, tensor);
  }
}

/** The outputs to compute: those asked for, all without a choice. Throws INVALID_ARGUMENT for one that there is not. */
export function chooseOutputs(outputs: readonly TensorSpec[], names?: readonly string[]): readonly string[] {
  const known = outputs.map((output) => output.name);
  if (names === undefined) return known;
  for (const name of names) {
    if (!known.includes(name)) throw unexpectedOutput(name);
  }
  return names;
}

export function unexpectedOutput(name: string): Error {
  return invalidArgument(`unexpected inference output '${name}'`);
}

function missingInput(expected: number, got: number, name: string): Error {
  return invalidArgument(`expected ${expected} inputs but got ${got} inputs: '${name}' is missing`);
}

function checkTensor({ name, datatype, shape }: TensorSpec, tensor: Tensor): void {
  if (tensor.datatype !== datatype) {
    throw invalidArgument(
      `inference input '${name}' data-type is '${tensor.datatype}', but the model expects '${datatype}'`,
    );
  }
  if (!fits(tensor.shape, shape)) {
    throw invalidArgument(
      `unexpected shape for input '${name}'. Expected ${written(shape)}, got ${written(tensor.shape)}`,
    );
  }
  const count = elementCount(tensor.shape);
  if (tensor.elements.length !== count) {
    throw invalidArgument(
      `unexpected number of elements of input '${name}'. Expected ${count}, got ${tensor.elements.length}`,
    );
  }
}

function fits(shape: readonly number[], expected: readonly number[]): boolean {
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return false;
  if (expected.length === 0) return true;
  return shape.length === expected.length && expected.every((size, axis) => size === -1 || size === shape[axis]);
}

function written(shape: readonly number[]): string {
  return `[${shape.join(',')}]`;
}
