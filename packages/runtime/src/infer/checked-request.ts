// A request that fits the model, with the inputs that it may leave out and does.
import { checkInputs, checkOutputs } from '@weft/rpc/wire';
import { checkClassifiable } from './classification.ts';
import type { InferInterface } from './infer-interface.ts';
import type { InferRequest } from './infer-request.ts';
import { withOptionalInputs } from './optional-inputs.ts';

/** Throws INVALID_ARGUMENT naming what does not fit. */
export function checkedRequest(request: InferRequest, target: InferInterface): InferRequest {
  const { inputs, outputs, classes } = request;
  checkInputs(target, inputs);
  checkOutputs(target, outputs);
  for (const name of classes.keys()) {
    const spec = target.outputs.find((candidate) => candidate.name === name);
    if (spec !== undefined) checkClassifiable(name, spec.datatype);
  }
  const { optional, maxBatchSize } = target;
  if (optional.size === 0) return request;
  return { ...request, inputs: withOptionalInputs(inputs, target.inputs, { optional, batches: maxBatchSize > 0 }) };
}
