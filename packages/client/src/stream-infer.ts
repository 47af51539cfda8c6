// ModelStreamInfer as a sequence: requests go out as the router takes them, responses are read as the caller takes them. What one
// request fails with is a response of its own, and the stream goes on.
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { rpcMethod, sendAll } from '@weft/rpc';
import type { ModelStreamInferResponse__Output } from '@weft/rpc/messages/inference/ModelStreamInferResponse';
import { toCallError } from './attempt-call.ts';
import type { CallOptions } from './call-options.ts';
import { fromInferMessage, type InferRequest, type InferResponse, toInferMessage } from './infer.ts';
import { inferencePath } from './inference-client.ts';
import type { RouterCalls, StreamContext } from './router-calls.ts';
import { cancelled } from './with-retries.ts';

export type StreamInferOptions = Omit<CallOptions, 'model' | 'modelVersion'>;

export type StreamInferResponse =
  /** `final`: no more to the request with this id. A decoupled model says so only with its last response, or not at all. */
  | { readonly id: string; readonly response: InferResponse; readonly final: boolean }
  /** This request has failed. */
  | { readonly id: string; readonly error: string };

/** The whole stream has the deadline of a call. It is never tried again. */
export function streamInfer(
  calls: RouterCalls,
  requests: Iterable<InferRequest> | AsyncIterable<InferRequest>,
  options: StreamInferOptions,
): AsyncGenerator<StreamInferResponse, void, undefined> {
  const deadline = calls.deadlineOf(options);
  return calls.stream(options, (context) => follow(context, requests, deadline));
}

async function* follow(
  { client, metadata, signal }: StreamContext,
  requests: Iterable<InferRequest> | AsyncIterable<InferRequest>,
  deadline: number,
): AsyncGenerator<StreamInferResponse, void, undefined> {
  if (signal.aborted) throw cancelled(signal);
  const method = rpcMethod(inferencePath('ModelStreamInfer'));
  const asItIs = (bytes: Buffer): Buffer => bytes;
  const call: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
    method.path,
    asItIs,
    asItIs,
    metadata.clone(),
    { deadline },
  );
  // The reader hears of errors; one that comes after the reader has left is nobody's.
  call.on('error', () => {});
  const leaving = new AbortController();
  const leave = (): void => {
    leaving.abort();
    call.cancel();
  };
  signal.addEventListener('abort', leave, { once: true });
  const failed = { reason: undefined as Error | undefined };
  const sending = async (): Promise<void> => {
    await sendAll(call, encoded(requests), leaving.signal);
    if (!leaving.signal.aborted) call.end();
  };
  sending().catch((thrown: unknown) => {
    failed.reason = thrown as Error;
    leave();
  });
  try {
    for await (const bytes of call as AsyncIterable<Buffer>)
      yield fromStreamMessage(method.decodeResponse(bytes) as ModelStreamInferResponse__Output);
  } catch (thrown) {
    if (failed.reason !== undefined) throw failed.reason;
    if (signal.aborted) throw cancelled(signal);
    throw toCallError(thrown as ServiceError, client);
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
  }
}

async function* encoded(requests: Iterable<InferRequest> | AsyncIterable<InferRequest>): AsyncGenerator<Buffer> {
  const method = rpcMethod(inferencePath('ModelStreamInfer'));
  for await (const request of requests) yield method.encodeRequest(toInferMessage(request));
}

function fromStreamMessage({ errorMessage, inferResponse }: ModelStreamInferResponse__Output): StreamInferResponse {
  const id = inferResponse?.id ?? '';
  if (errorMessage !== '' || inferResponse === null) return { id, error: errorMessage };
  const final = inferResponse.parameters['triton_final_response']?.boolParam === true;
  return { id, response: fromInferMessage(inferResponse), final };
}
