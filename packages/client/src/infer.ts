// ModelInfer of the Open Inference Protocol: any model, tensors in and out by name. Contents travel raw, which is both
// the smallest form and the one that every server answers in.
import { WeftError } from '@weft/errors';
import type { InferParameter } from '@weft/rpc/messages/inference/InferParameter';
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import { decodeOutput, encodeInput } from './raw-tensor.ts';
import type { InferTensor, OutputTensor } from './tensor.ts';

export interface InferRequest {
  readonly model: string;
  /** Without one the mesh chooses. */
  readonly version?: string | undefined;
  /** Echoed in the response. */
  readonly id?: string | undefined;
  readonly inputs: Readonly<Record<string, InferTensor>>;
  /** Names of the outputs to answer with; all of them unless given. */
  readonly outputs?: readonly string[] | undefined;
  readonly parameters?: Readonly<Record<string, ParameterValue>> | undefined;
}

/** Numbers travel as int64 when they are whole, as double otherwise. */
export type ParameterValue = string | number | boolean;

export interface InferResponse {
  model: string;
  /** The version that answered. */
  modelVersion: string;
  id: string;
  outputs: Record<string, OutputTensor>;
}

/** Throws INVALID_ARGUMENT, naming the input, where a tensor's elements do not fit its datatype and shape. */
export function toInferMessage(request: InferRequest): ModelInferRequest {
  const inputs = Object.entries(request.inputs);
  return {
    modelName: request.model,
    modelVersion: request.version ?? '',
    id: request.id ?? '',
    parameters: Object.fromEntries(
      Object.entries(request.parameters ?? {}).map(([name, value]) => [name, toParameter(value)]),
    ),
    inputs: inputs.map(([name, { datatype, shape }]) => ({ name, datatype, shape: [...shape] })),
    outputs: (request.outputs ?? []).map((name) => ({ name })),
    rawInputContents: inputs.map(([name, tensor]) => encodeInput(name, tensor)),
  };
}

function toParameter(value: ParameterValue): InferParameter {
  if (typeof value === 'string') return { stringParam: value };
  if (typeof value === 'boolean') return { boolParam: value };
  return Number.isSafeInteger(value) ? { int64Param: value } : { doubleParam: value };
}

/** Throws DATA_LOSS where the contents are not what the message says of them. */
export function fromInferMessage(response: ModelInferResponse__Output): InferResponse {
  const { modelName, modelVersion, id, outputs, rawOutputContents } = response;
  if (rawOutputContents.length !== outputs.length) {
    throw new WeftError('DATA_LOSS', `${outputs.length} outputs came with ${rawOutputContents.length} raw contents`);
  }
  const tensors = outputs.map((output, index): [string, OutputTensor] => [
    output.name,
    decodeOutput(output, rawOutputContents[index] as Buffer),
  ]);
  return { model: modelName, modelVersion, id, outputs: Object.fromEntries(tensors) };
}
