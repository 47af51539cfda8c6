// ModelStreamInfer as a sequence: requests go out as the router takes them, responses are read as the caller takes them. What one
// request fails with is a response of its own, and the stream goes on.
import type { ModelStreamInferResponse__Output } from '@weft/rpc/messages/inference/ModelStreamInferResponse';
import type { CallOptions } from './call-options.ts';
import { followStream } from './follow-stream.ts';
import { fromInferMessage, type InferRequest, type InferResponse, toInferMessage } from './infer.ts';
import { inferencePath } from './inference-client.ts';
import type { RouterCalls } from './router-calls.ts';

export type StreamInferOptions = Omit<CallOptions, 'model' | 'modelVersion'>;

export type StreamInferResponse =
  /** `final`: no more to the request with this id. A decoupled model says so only with its last response, or not at all. */
  | { readonly id: string; readonly response: InferResponse; readonly final: boolean }
  /** This request has failed. */
  | { readonly id: string; readonly error: string };

/** It may last for ever, and is never tried again. */
export async function* streamInfer(
  calls: RouterCalls,
  requests: Iterable<InferRequest> | AsyncIterable<InferRequest>,
  options: StreamInferOptions,
): AsyncGenerator<StreamInferResponse, void, undefined> {
  const call = { path: inferencePath('ModelStreamInfer'), requests: messagesOf(requests), endless: true };
  for await (const message of followStream<ModelStreamInferResponse__Output>(calls, call, options))
    yield fromStreamMessage(message);
}

async function* messagesOf(
  requests: Iterable<InferRequest> | AsyncIterable<InferRequest>,
): AsyncGenerator<object, void, undefined> {
  for await (const request of requests) yield toInferMessage(request);
}

function fromStreamMessage({ errorMessage, inferResponse }: ModelStreamInferResponse__Output): StreamInferResponse {
  const id = inferResponse?.id ?? '';
  if (errorMessage !== '' || inferResponse === null) return { id, error: errorMessage };
  const final = inferResponse.parameters['triton_final_response']?.boolParam === true;
  return { id, response: fromInferMessage(inferResponse), final };
}
