// The client of a weft router. Every call has a deadline, can be cancelled, rejects with a WeftError and nothing else,
// and is tried again when, and only when, it met UNAVAILABLE.
import type { ModelInferResponse__Output } from '@weft/rpc/messages/inference/ModelInferResponse';
import { type AdminClient, adminClient } from './admin/admin-client.ts';
import type { CallOptions } from './call-options.ts';
import type { ConnectOptions } from './connect-options.ts';
import { type GeneratorClient, generatorClient } from './generator-client.ts';
import { fromInferMessage, type InferRequest, type InferResponse, toInferMessage } from './infer.ts';
import { inferencePath, type ModelsClient, modelsClient, type ServerClient, serverClient } from './inference-client.ts';
import { type NlpClient, nlpClient } from './nlp-client.ts';
import { openChannel } from './open-channel.ts';
import { parseRouterAddress } from './router-address.ts';
import { RouterCalls } from './router-calls.ts';
import { streamInfer, type StreamInferOptions, type StreamInferResponse } from './stream-infer.ts';
import { realSurroundings, type Surroundings } from './surroundings.ts';
import { type VisionClient, visionClient } from './vision-client.ts';

export interface WeftClient {
  readonly nlp: NlpClient;
  readonly vision: VisionClient;
  readonly generator: GeneratorClient;
  readonly models: ModelsClient;
  readonly server: ServerClient;
  readonly admin: AdminClient;
  /**
   * Infers with any model: tensors in and out by name. The request says which model, not the options.
   *
   * @example
   * const { outputs } = await client.infer({
   *   model: 'iris',
   *   inputs: { x: { datatype: 'FP32', shape: [1, 4], elements: [5.1, 3.5, 1.4, 0.2] } },
   * });
   * outputs['probabilities']?.elements; // Float32Array(3)
   */
  infer(request: InferRequest, options?: Omit<CallOptions, 'model' | 'modelVersion'>): Promise<InferResponse>;
  /**
   * Infers with any models on one stream. Responses of ordinary models keep the order of their requests; a decoupled model gives any
   * number to each, told apart by the `id` of the request. Has no deadline of its own, so requests may come for as long as they like;
   * `timeoutMs` and `deadline` are of the whole stream. Leaving the loop cancels it.
   *
   * @example
   * for await (const answer of client.streamInfer([{ model: 'repeat_int32', id: 'a', inputs }])) {
   *   if ('error' in answer) console.error(answer.id, answer.error);
   *   else console.log(answer.id, answer.response.outputs['OUT']?.elements);
   * }
   */
  streamInfer(
    requests: Iterable<InferRequest> | AsyncIterable<InferRequest>,
    options?: StreamInferOptions,
  ): AsyncGenerator<StreamInferResponse, void, undefined>;
  /** Cancels what is in flight and closes the connection; a program cannot end while it is open. */
  close(): void;
}

/**
 * Makes a client. It connects at its first call and again whenever the connection is lost; one client serves a whole
 * program. Throws INVALID_ARGUMENT for options that cannot work.
 *
 * @example
 * const client = connect({ router: '127.0.0.1:8001' });
 * try {
 *   const { lines } = await client.vision.readText({ image: await readFile('invoice.png') }, { timeoutMs: 5_000 });
 *   console.log(lines.map((line) => line.text).join('\n'));
 * } finally {
 *   client.close();
 * }
 */
export function connect(options: ConnectOptions, surroundings: Surroundings = realSurroundings): WeftClient {
  const channel = openChannel(parseRouterAddress(options.router), options);
  const calls = new RouterCalls(channel, options, surroundings);
  return {
    nlp: nlpClient(calls),
    vision: visionClient(calls),
    generator: generatorClient(calls),
    models: modelsClient(calls),
    server: serverClient(calls),
    admin: adminClient(calls),
    async infer(request, callOptions = {}) {
      const path = inferencePath('ModelInfer');
      return fromInferMessage(await calls.call<ModelInferResponse__Output>(path, toInferMessage(request), callOptions));
    },
    streamInfer: (requests, callOptions = {}) => streamInfer(calls, requests, callOptions),
    close: () => calls.close(),
  };
}
