// A gRPC server whose every handler stands behind the gate. Handlers come in two forms: raw, bytes in and bytes out, for
// what is shuttled; and typed, for what this process answers itself. A failed call is logged here, once, with its code;
// an unexpected one with its cause and the request id that the client was told.
import {
  Server,
  type ServerCredentials,
  type ServerDuplexStream,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerOptions,
  type ServerUnaryCall,
  type UntypedHandleCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { cannotListen, formatEndpoint } from '@weft/config';
import { toWeftError, WeftError } from '@weft/errors';
import { type Log, logFailure } from '@weft/telemetry';
import type { Gate } from '../gate/gate.ts';
import { type RpcMethod, rpcMethod, rpcMethods } from '../protos.ts';
import { toServiceError } from '../status.ts';
import { asBuffer } from '../wire/as-buffer.ts';
import { answerInSequence } from '../streams/answer-in-sequence.ts';
import type { OnUnsent } from '../streams/send-window.ts';
import { type ServerStream, takeOver } from '../streams/server-stream.ts';
import { type CallContext, callContext, type ServerCall } from './call-context.ts';
import { messageLimit, receivedTooLarge, sentTooLarge, transportLimit } from './message-limit.ts';

/** A bidirectional stream of undecoded messages. */
export type RawStream = ServerDuplexStream<Buffer, Buffer>;

/** Answers a unary call once: with an error, or with the encoded response. */
export type Reply = (error: WeftError | undefined, response?: Uint8Array) => void;

export interface RpcServerOptions {
  readonly gate: Gate;
  readonly credentials: ServerCredentials;
  /** Of clients' messages, either way: message-limit.ts. */
  readonly maxMessageBytes: number;
  readonly log: Log;
  /** Of connections of clients; 0: they may be as old as they like. */
  readonly maxConnectionAgeMs?: number;
  /** How long what runs on an old one may still take; 0: as long as it likes. */
  readonly maxConnectionAgeGraceMs?: number;
  /** A client that was silent for so long is asked whether it is still there; by default a minute. */
  readonly keepaliveMs?: number;
  /** Hears of what is written to clients and has not left. */
  readonly onUnsent?: OnUnsent;
}

const defaultKeepaliveMs = 60_000;

export class RpcServer {
  readonly #server: Server;
  readonly #options: RpcServerOptions;
  readonly #registered = new Set<string>();
  readonly #streams = new Map<string, (stream: ServerStream) => void>();
  readonly #refused = new Set<string>();

  constructor(options: RpcServerOptions) {
    this.#options = options;
    this.#server = new Server({
      'grpc.max_receive_message_length': transportLimit(options.maxMessageBytes),
      'grpc.max_send_message_length': transportLimit(options.maxMessageBytes),
      ...connectionAge(options),
      // One that vanished without a word would keep what it has open for ever: its answer may take a third of that time.
      'grpc.keepalive_time_ms': options.keepaliveMs ?? defaultKeepaliveMs,
      'grpc.keepalive_timeout_ms': (options.keepaliveMs ?? defaultKeepaliveMs) / 3,
      interceptors: [this.#intercept],
    });
  }

  /** Serves a unary method without decoding it. The handler must reply once, whatever happens. */
  rawUnary(path: string, answer: (request: Buffer, context: CallContext, reply: Reply) => void): void {
    const limit = this.#limitOf(path);
    const serve = (call: ServerUnaryCall<Buffer, Uint8Array>, callback: sendUnaryData<Uint8Array>): void => {
      const fail = (thrown: unknown): void => callback(this.#failure(path, thrown));
      try {
        const context = callContext(path, call, this.#admit(path, call));
        if (call.request.length > limit) throw receivedTooLarge(call.request.length, limit);
        answer(call.request, context, (error, response) => {
          if (error !== undefined) fail(error);
          else if (response !== undefined && response.length > limit) fail(sentTooLarge(response.length, limit));
          else callback(null, response);
        });
      } catch (thrown) {
        fail(thrown);
      }
    };
    this.#register(path, serve, 'unary');
  }

  /** Serves a unary method with decoded messages. */
  unary<Request, Response extends object>(
    path: string,
    answer: (request: Request, context: CallContext) => Promise<Response> | Response,
  ): void {
    const method = rpcMethod(path);
    this.rawUnary(path, (request, context, reply) => {
      decoded(method, request)
        .then((message) => answer(message as Request, context))
        .then((response) => reply(undefined, method.encodeResponse(response)))
        .catch((thrown: unknown) => reply(toWeftError(thrown)));
    });
  }

  /** Serves a method that streams its responses. The handler writes until it returns; `signal` aborts when the client goes. */
  serverStream<Request, Response extends object>(
    path: string,
    answer: (request: Request, context: CallContext, signal: AbortSignal) => AsyncIterable<Response>,
  ): void {
    this.bidi<Request, Response>(path, async function* first(requests, context, signal) {
      for await (const request of requests) return yield* answer(request, context, signal);
      throw new WeftError('INVALID_ARGUMENT', `${path} was called without a request`);
    });
  }

  /**
   * Serves a bidirectional method with decoded messages. Requests are read as fast as the handler takes them, and it is asked for
   * the next response once the client has taken the last. `requests` throws CANCELLED, and `signal` aborts, when the client goes.
   */
  bidi<Request, Response extends object>(
    path: string,
    answer: (requests: AsyncIterable<Request>, context: CallContext, signal: AbortSignal) => AsyncIterable<Response>,
  ): void {
    const method = rpcMethod(path);
    this.pipe(path, (requests, context, signal) =>
      encoded(method, answer(decodedMessages(requests, method), context, signal)),
    );
  }

  /**
   * Serves a method that streams, in whatever direction, without decoding it. Otherwise as `bidi`: messages are read and written
   * one by one, as fast as either side takes them.
   */
  pipe(
    path: string,
    answer: (requests: AsyncIterable<Buffer>, context: CallContext, signal: AbortSignal) => AsyncIterable<Buffer>,
  ): void {
    this.stream(path, (stream) =>
      answerInSequence(stream, (requests, signal) => answer(requests, stream.context, signal)),
    );
  }

  /** The same, message by message: `accept` listens to the stream, or throws how it ends. */
  stream(path: string, accept: (stream: ServerStream) => void): void {
    this.#streams.set(path, accept);
    // The interceptor takes every call of it.
    this.#register(path, () => {}, 'bidi');
  }

  /** Serves a bidirectional method of routers without decoding it. The handler owns the stream; the transport alone limits messages. */
  rawBidi(path: string, answer: (stream: RawStream, context: CallContext) => void): void {
    const serve = (call: RawStream): void => {
      try {
        answer(call, callContext(path, call, this.#admit(path, call)));
      } catch (thrown) {
        call.emit('error', this.#failure(path, thrown));
      }
    };
    this.#register(path, serve, 'bidi');
  }

  /** Registers a method of any kind that this process knows but does not serve: every admitted call ends with the error. */
  refuse(method: RpcMethod, error: WeftError): void {
    const serve = (call: ServerDuplexStream<Buffer, Buffer>): void => {
      try {
        this.#admit(method.path, call);
        throw error;
      } catch (thrown) {
        call.emit('error', this.#failure(method.path, thrown));
      }
    };
    this.#refused.add(method.path);
    this.#register(method.path, serve, method.requestStream ? 'bidi' : 'serverStream');
  }

  /** Hears of what is written to clients and has not left: for streams that keep the account themselves. */
  get onUnsent(): OnUnsent | undefined {
    return this.#options.onUnsent;
  }

  /** Full names of the services of which it serves a method. */
  get services(): string[] {
    const served = [...this.#registered].filter((path) => !this.#refused.has(path));
    return [...new Set(served.map((path) => path.slice(1, path.lastIndexOf('/'))))].sort();
  }

  /** Listens and resolves to the port (`port` 0 takes a free one). Rejects with FAILED_PRECONDITION when the address is taken. */
  async listen(host: string, port: number): Promise<number> {
    this.#refuseTheRest();
    const endpoint = { host, port };
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(formatEndpoint(endpoint), this.#options.credentials, (error, boundPort) => {
        if (error === null) resolve(boundPort);
        else reject(cannotListen(error, endpoint));
      });
    });
  }

  /** Takes no new calls, lets running ones finish, and ends those that are left after `timeoutMs`. Streams without an end are the caller's to end. */
  async stop(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => {
        this.#server.forceShutdown();
        resolve();
      }, timeoutMs);
      this.#server.tryShutdown(() => {
        clearTimeout(force);
        resolve();
      });
    });
  }

  readonly #intercept: ServerInterceptor = ({ path, requestStream }, call) => {
    const accept = requestStream ? this.#streams.get(path) : undefined;
    // Nothing is between the others and their handlers.
    if (accept === undefined) return call as ServerInterceptingCall;
    const { onUnsent, gate } = this.#options;
    const report = (thrown: unknown): WeftError => this.report(path, thrown);
    const admit = (shown: ServerCall): CallContext => callContext(path, shown, gate.admit(path, shown));
    const maxMessageBytes = this.#limitOf(path);
    const taken = { call, admit, report, maxMessageBytes, onUnsent };
    return new ServerInterceptingCall(call, { start: () => takeOver(taken, accept) });
  };

  #register(path: string, serve: UntypedHandleCall, kind: 'unary' | 'serverStream' | 'bidi'): void {
    this.#registered.add(path);
    this.#server.register(path, serve, asBuffer, asItIs, kind);
  }

  /** Known methods without a handler stand behind the gate too: who may not call learns nothing of what is served. */
  #refuseTheRest(): void {
    for (const method of rpcMethods().values()) {
      if (this.#registered.has(method.path)) continue;
      this.refuse(method, new WeftError('UNIMPLEMENTED', `this process does not serve ${method.path}`));
    }
  }

  #limitOf(path: string): number {
    return messageLimit(path, this.#options.maxMessageBytes);
  }

  #admit(path: string, call: ServerCall): CallContext['identity'] {
    return this.#options.gate.admit(path, call);
  }

  #failure(path: string, thrown: unknown): ReturnType<typeof toServiceError> {
    return toServiceError(this.report(path, thrown));
  }

  /** Logs a failure of a request, as all are that this server answers; returns what its client may hear of it. */
  report(path: string, thrown: unknown): WeftError {
    const error = toWeftError(thrown);
    logFailure(this.#options.log, path, error);
    return error;
  }
}

/** grpc-js adds the jitter: a tenth more or less. */
function connectionAge({ maxConnectionAgeMs = 0, maxConnectionAgeGraceMs = 0 }: RpcServerOptions): ServerOptions {
  if (maxConnectionAgeMs === 0) return {};
  const age = { 'grpc.max_connection_age_ms': maxConnectionAgeMs };
  return maxConnectionAgeGraceMs === 0 ? age : { ...age, 'grpc.max_connection_age_grace_ms': maxConnectionAgeGraceMs };
}

async function decoded(method: RpcMethod, request: Buffer): Promise<object> {
  try {
    return method.decodeRequest(request);
  } catch (cause) {
    throw new WeftError('INVALID_ARGUMENT', 'malformed request message', { cause });
  }
}

async function* decodedMessages<Request>(
  messages: AsyncIterable<Buffer>,
  method: RpcMethod,
): AsyncGenerator<Request, void, undefined> {
  for await (const message of messages) yield (await decoded(method, message)) as Request;
}

async function* encoded(method: RpcMethod, responses: AsyncIterable<object>): AsyncGenerator<Buffer, void, undefined> {
  for await (const response of responses) yield method.encodeResponse(response);
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}
