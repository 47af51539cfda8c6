// Calls of the router's methods: one deadline, one cancellation and one encoding around all attempts of a call.
import type { Client } from '@grpc/grpc-js';
import { WeftError } from '@weft/errors';
import { type RpcMethod, rpcMethod } from '@weft/rpc';
import { attemptCall } from './attempt-call.ts';
import { callMetadata } from './call-metadata.ts';
import { type CallOptions, deadlineOf } from './call-options.ts';
import { type ConnectOptions, defaultRetry, defaultTimeoutMs } from './connect-options.ts';
import type { Surroundings } from './surroundings.ts';
import { withRetries } from './with-retries.ts';

export class RouterCalls {
  readonly #client: Client;
  readonly #options: ConnectOptions;
  readonly #surroundings: Surroundings;
  readonly #inflight = new Set<AbortController>();
  #closed = false;

  constructor(client: Client, options: ConnectOptions, surroundings: Surroundings) {
    this.#client = client;
    this.#options = options;
    this.#surroundings = surroundings;
  }

  /** Calls the method with this path. Rejects with a WeftError, whatever happens. */
  async call<Response>(path: string, request: object, options: CallOptions): Promise<Response> {
    if (this.#closed) throw new WeftError('FAILED_PRECONDITION', 'the client is closed');
    const method = rpcMethod(path);
    const now = () => this.#surroundings.now();
    const deadline = deadlineOf(options, this.#options.timeoutMs ?? defaultTimeoutMs, now());
    const metadata = callMetadata(this.#options, options.metadata);
    const payload = encode(method, request);
    const bytes = await this.#cancellable(options.signal, (signal) =>
      withRetries(() => attemptCall(this.#client, { path, payload, metadata, timeoutMs: deadline - now(), signal }), {
        retry: { ...defaultRetry, ...this.#options.retry },
        deadline,
        signal,
        surroundings: this.#surroundings,
      }),
    );
    return decode<Response>(method, bytes);
  }

  /** Cancels what is in flight and closes the connection. Later calls reject with FAILED_PRECONDITION. */
  close(): void {
    this.#closed = true;
    for (const controller of this.#inflight) controller.abort(new Error('the client was closed'));
    this.#client.close();
  }

  /** Runs `work` under a signal that aborts with the caller's own, or when the client is closed. */
  async #cancellable<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const abort = () => controller.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.#inflight.add(controller);
    try {
      return await work(controller.signal);
    } finally {
      this.#inflight.delete(controller);
      signal?.removeEventListener('abort', abort);
    }
  }
}

function encode(method: RpcMethod, request: object): Buffer {
  try {
    return method.encodeRequest(request);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WeftError('INVALID_ARGUMENT', `the request does not fit ${method.path}: ${reason}`, { cause });
  }
}

function decode<Response>(method: RpcMethod, bytes: Buffer): Response {
  try {
    return method.decodeResponse(bytes) as Response;
  } catch (cause) {
    throw new WeftError('DATA_LOSS', `the answer of ${method.path} cannot be read`, { cause });
  }
}
