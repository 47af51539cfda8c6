// The model of the bench, the tensor that is sent to it, and the request in the form of each way of sending it. Requests are
// made once and sent as they are; answers are looked at once in a window, so that the client stays cheap.
import { onnxNode, onnxValue } from '@weft/convert';
import { rpcMethod } from '@weft/rpc';
import type { ModelInferRequest } from '@weft/rpc/messages/inference/ModelInferRequest';
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import type { ModelStreamInferResponse__Output } from '@weft/rpc/messages/inference/ModelStreamInferResponse';
import type { AuthoredModel } from '../scratch-folder.ts';

export type Way = 'unary' | 'stream' | 'rest';
export const ways: readonly Way[] = ['unary', 'stream', 'rest'];

export const unaryPath = '/inference.GRPCInferenceService/ModelInfer';
export const streamPath = '/inference.GRPCInferenceService/ModelStreamInfer';

export const elementsModel: AuthoredModel = {
  name: 'identity',
  maxBatchSize: 64,
  graph: {
    inputs: [onnxValue('x', 'FP32', ['n', 'm'])],
    outputs: [onnxValue('y', 'FP32', ['n', 'm'])],
    nodes: [onnxNode('Identity', { inputs: ['x'], outputs: ['y'] })],
  },
};

export const restPath = `/v2/models/${elementsModel.name}/infer`;

export interface WayRequest {
  /** What is sent. */
  readonly payload: Buffer;
  /** Of REST: how much of it is JSON. */
  readonly jsonLength: number;
  /** The tensor's raw bytes, which must come back. */
  readonly tensor: Buffer;
}

/** A request of one row with so many elements. */
export function requestOf(way: Way, elements: number): WayRequest {
  const tensor = Buffer.from(Float32Array.from({ length: elements }, (_, at) => at % 8191).buffer);
  const input = { name: 'x', datatype: 'FP32', shape: [1, elements] };
  if (way === 'rest') {
    const described = { ...input, parameters: { binary_data_size: tensor.length } };
    const json = Buffer.from(JSON.stringify({ inputs: [described], parameters: { binary_data_output: true } }));
    return { payload: Buffer.concat([json, tensor]), jsonLength: json.length, tensor };
  }
  const request: ModelInferRequest = { modelName: elementsModel.name, inputs: [input], rawInputContents: [tensor] };
  return { payload: rpcMethod(unaryPath).encodeRequest(request), jsonLength: 0, tensor };
}

/** Whether an answer holds the tensor that was sent. */
export function holdsTensor(way: Way, answer: Buffer, tensor: Buffer): boolean {
  // A binary output stands at the end of the body.
  if (way === 'rest') return tensor.equals(answer.subarray(-tensor.length));
  const [raw] = grpcResponse(way, answer)?.rawOutputContents ?? [];
  return raw !== undefined && tensor.equals(raw as Uint8Array);
}

function grpcResponse(way: Way, answer: Buffer): ModelInferResponse__Output | null {
  if (way === 'unary') return rpcMethod(unaryPath).decodeResponse(answer) as ModelInferResponse__Output;
  return (rpcMethod(streamPath).decodeResponse(answer) as ModelStreamInferResponse__Output).inferResponse;
}
