// Calls of the router's methods: one deadline, one cancellation and one encoding around all attempts of a call.
import type { Client, Metadata } from '@grpc/grpc-js';
import { WeftError } from '@weft/errors';
import { type RpcMethod, rpcMethod } from '@weft/rpc';
import { attemptCall } from './attempt-call.ts';
import { callMetadata } from './call-metadata.ts';
import { type CallOptions, deadlineOf } from './call-options.ts';
import { encodeRequest } from './encode-request.ts';
import { type ConnectOptions, defaultRetry, defaultTimeoutMs, type RetryOptions } from './connect-options.ts';
import type { Surroundings } from './surroundings.ts';
import { withRetries } from './with-retries.ts';

/** What an attempt at a call needs, whatever its kind. */
export interface Attempt {
  readonly client: Client;
  readonly metadata: Metadata;
  /** What is left until the deadline. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What a stream needs that outlives its connections. */
export interface StreamContext extends Omit<Attempt, 'timeoutMs'> {
  readonly retry: RetryOptions;
  readonly surroundings: Surroundings;
}

export type RetriedCall = CallOptions & {
  /** Never tried again: doing it twice is not the same as doing it once. */
  readonly once?: boolean | undefined;
};

export class RouterCalls {
  readonly #client: Client;
  readonly #options: ConnectOptions;
  readonly #surroundings: Surroundings;
  readonly #retry: RetryOptions;
  readonly #inflight = new Set<AbortController>();
  #closed = false;

  constructor(client: Client, options: ConnectOptions, surroundings: Surroundings) {
    this.#client = client;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#retry = { ...defaultRetry, ...options.retry };
  }

  /** Calls the unary method with this path. Rejects with a WeftError, whatever happens. */
  async call<Response>(path: string, request: object, options: RetriedCall): Promise<Response> {
    const method = rpcMethod(path);
    this.#checkOpen();
    const payload = encodeRequest(method, request);
    const bytes = await this.attempt(options, ({ client, ...attempt }) =>
      attemptCall(client, { path, payload, ...attempt }),
    );
    return decode<Response>(method, bytes);
  }

  /** Tries a call of any kind until it succeeds or may not be tried again. Rejects with what the last attempt rejected with. */
  async attempt<T>(options: RetriedCall, attempt: (attempt: Attempt) => Promise<T>): Promise<T> {
    this.#checkOpen();
    const deadline = this.deadlineOf(options);
    const metadata = callMetadata(this.#options, options.metadata);
    const { signal, release } = this.#cancellable(options.signal);
    const timeLeft = () => deadline - this.#surroundings.now();
    try {
      return await withRetries(() => attempt({ client: this.#client, metadata, timeoutMs: timeLeft(), signal }), {
        retry: options.once === true ? { ...this.#retry, maxRetries: 0 } : this.#retry,
        deadline,
        signal,
        surroundings: this.#surroundings,
      });
    } finally {
      release();
    }
  }

  /** Runs a stream that opens its own calls, until it ends, its reader leaves, or it is cancelled. */
  async *stream<T>(
    options: Pick<CallOptions, 'signal' | 'metadata'>,
    follow: (context: StreamContext) => AsyncIterable<T>,
  ): AsyncGenerator<T, void, undefined> {
    this.#checkOpen();
    const metadata = callMetadata(this.#options, options.metadata);
    const { signal, release } = this.#cancellable(options.signal);
    const [client, retry, surroundings] = [this.#client, this.#retry, this.#surroundings];
    try {
      yield* follow({ client, metadata, signal, retry, surroundings });
    } finally {
      release();
    }
  }

  /** When a call with these options ends, in milliseconds of the surroundings' clock. Throws INVALID_ARGUMENT. */
  deadlineOf(options: CallOptions, fallbackMs = this.#options.timeoutMs ?? defaultTimeoutMs): number {
    return deadlineOf(options, fallbackMs, this.#surroundings.now());
  }

  /** Cancels what is in flight and closes the connection. Later calls reject with FAILED_PRECONDITION. */
  close(): void {
    this.#closed = true;
    for (const controller of this.#inflight) controller.abort(new Error('the client was closed'));
    this.#client.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw new WeftError('FAILED_PRECONDITION', 'the client is closed');
  }

  /** A signal that aborts with the caller's own, or when the client is closed; until it is released. */
  #cancellable(signal: AbortSignal | undefined): { signal: AbortSignal; release: () => void } {
    const controller = new AbortController();
    const abort = () => controller.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.#inflight.add(controller);
    const release = () => {
      this.#inflight.delete(controller);
      signal?.removeEventListener('abort', abort);
    };
    return { signal: controller.signal, release };
  }
}

function decode<Response>(method: RpcMethod, bytes: Buffer): Response {
  try {
    return method.decodeResponse(bytes) as Response;
  } catch (cause) {
    throw new WeftError('DATA_LOSS', `the answer of ${method.path} cannot be read`, { cause });
  }
}
