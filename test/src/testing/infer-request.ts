// ModelInfer requests and responses of tests: tensors by name as numbers or text.
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';

export const inferPath = '/inference.GRPCInferenceService/ModelInfer';

/** One FP32 input; its shape is one row unless said otherwise. */
export function inferFloats(
  modelName: string,
  values: readonly number[],
  {
    input = 'x',
    shape = [1, values.length],
    ...fields
  }: Partial<ModelInferRequest> & { input?: string; shape?: number[] } = {},
): ModelInferRequest {
  const inputs = [{ name: input, datatype: 'FP32', shape }];
  return { modelName, inputs, rawInputContents: [Buffer.from(Float32Array.from(values).buffer)], ...fields };
}

/** A request that keeps the busy loop of author-models.ts running for so many rounds. */
export function inferRounds(
  modelName: string,
  rounds: number,
  fields: Partial<ModelInferRequest> = {},
): ModelInferRequest {
  const inputs = [{ name: 'rounds', datatype: 'INT64', shape: [1], contents: { int64Contents: [rounds] } }];
  return { modelName, inputs, ...fields };
}

/** The elements of one FP32 output. */
export function floatsOf(response: unknown, output = 0): number[] {
  const raw = (response as ModelInferResponse__Output).rawOutputContents[output] ?? Buffer.alloc(0);
  return [...new Float32Array(new Uint8Array(raw).buffer)];
}
