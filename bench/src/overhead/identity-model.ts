// A model that gives back what it gets: whatever a call of it costs is the mesh's.
import { onnxNode, onnxValue } from '@weft/convert';
import { rpcMethod } from '@weft/rpc';
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import type { AuthoredModel } from '../scratch-folder.ts';

export const inferPath = '/inference.GRPCInferenceService/ModelInfer';

export const identityModel: AuthoredModel = {
  name: 'identity',
  maxBatchSize: 64,
  graph: {
    inputs: [onnxValue('x', 'FP32', ['n', 4])],
    outputs: [onnxValue('y', 'FP32', ['n', 4])],
    nodes: [onnxNode('Identity', { inputs: ['x'], outputs: ['y'] })],
  },
};

const row = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);

/** An encoded request of one row to a model with these tensors. */
export function identityRequest({ name: modelName }: AuthoredModel = identityModel): Buffer {
  const request: ModelInferRequest = {
    modelName,
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4] }],
    rawInputContents: [row],
  };
  return rpcMethod(inferPath).encodeRequest(request);
}

/** Whether an encoded response holds the request's row. */
export function isIdentityAnswer(response: Uint8Array): boolean {
  const { rawOutputContents } = rpcMethod(inferPath).decodeResponse(
    Buffer.from(response),
  ) as ModelInferResponse__Output;
  return rawOutputContents.length === 1 && row.equals(rawOutputContents[0] as Uint8Array);
}
