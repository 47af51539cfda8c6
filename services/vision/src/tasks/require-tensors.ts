// A task knows the tensors of its models by name. A model that lacks one is the wrong model for the task, and its
// owner should read that at load, not at the first request.
import { invalidArgument } from '@weft/errors';
import type { TensorSpec } from '@weft/tensor';

/** The input or output of this name. Throws INVALID_ARGUMENT that lists what the model has. */
export function requireTensor(specs: readonly TensorSpec[], name: string): TensorSpec {
  const spec = specs.find((candidate) => candidate.name === name);
  if (spec === undefined) {
    throw invalidArgument(
      `the model has no tensor "${name}" here, it has: ${specs.map((each) => each.name).join(', ')}`,
    );
  }
  return spec;
}
