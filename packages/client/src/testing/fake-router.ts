// A real gRPC server in this process whose answers a test decides, one handler for each method that it expects.
import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type ServerWritableStream } from '@grpc/grpc-js';
import { loadProtos } from '@weft/rpc';
import { status } from '@grpc/grpc-js';
import type { ErrorCode } from '@weft/errors';

export interface ReceivedCall {
  readonly request: Record<string, unknown>;
  readonly metadata: Metadata;
  /** Milliseconds that were left when the call arrived. */
  readonly timeoutMs: number;
  /** Resolves when the client has given up. */
  readonly cancelled: Promise<void>;
}

/**
 * Throw a Refusal to answer with an error; a promise that never settles leaves the call unanswered. Of a method that streams its
 * responses: a list of them.
 */
export type Answer = (call: ReceivedCall) => object | Promise<object>;

export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly trailers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, trailers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.trailers = trailers;
  }
}

export interface FakeRouter {
  readonly address: string;
  readonly calls: readonly ReceivedCall[];
  stop(): void;
}

/** What answers the calls of the admin service: a FakeAdmin. */
export interface AdminService {
  register(server: Server): void;
}

/** `answers` by full path: `/weft.nlp.v1.NlpService/Embed`. */
export async function startFakeRouter(
  answers: Readonly<Record<string, Answer>>,
  credentials = ServerCredentials.createInsecure(),
  admin?: AdminService,
): Promise<FakeRouter> {
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  admin?.register(server);
  const calls: ReceivedCall[] = [];
  for (const [path, answer] of Object.entries(answers)) {
    const [service = '', name = ''] = path.slice(1).split('/');
    const entry = loadProtos()[service];
    if (entry === undefined || 'format' in entry) throw new TypeError(`no service ${service}`);
    const definition = entry[name];
    if (definition === undefined) throw new TypeError(`no method ${path}`);
    if (definition.responseStream) {
      server.register(
        path,
        (call: ServerWritableStream<Record<string, unknown>, object>) => {
          const received = receive(call);
          calls.push(received);
          answering(answer, received).then(
            (responses) => {
              for (const response of responses as readonly object[]) call.write(response);
              call.end();
            },
            (thrown: unknown) => call.emit('error', refused(thrown)),
          );
        },
        definition.responseSerialize,
        definition.requestDeserialize as (bytes: Buffer) => Record<string, unknown>,
        'serverStream',
      );
      continue;
    }
    server.register(
      path,
      (call: ServerUnaryCall<Record<string, unknown>, object>, reply: Reply) => {
        const received = receive(call);
        calls.push(received);
        answering(answer, received).then(
          (response) => reply(null, response),
          (thrown: unknown) => reply(refused(thrown)),
        );
      },
      definition.responseSerialize,
      definition.requestDeserialize as (bytes: Buffer) => Record<string, unknown>,
      'unary',
    );
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { address: `127.0.0.1:${port}`, calls, stop: () => server.forceShutdown() };
}

type Reply = (error: object | null, response?: object) => void;

function receive(
  call: ServerUnaryCall<Record<string, unknown>, object> | ServerWritableStream<Record<string, unknown>, object>,
): ReceivedCall {
  return {
    request: call.request,
    metadata: call.metadata,
    timeoutMs: Number(call.getDeadline()) - Date.now(),
    cancelled: new Promise<void>((resolve) => call.once('cancelled', () => resolve())),
  };
}

/** A promise also of an answer that is refused in its first turn. */
async function answering(answer: Answer, received: ReceivedCall): Promise<object> {
  return answer(received);
}

function refused(thrown: unknown): object {
  if (!(thrown instanceof Refusal)) return { code: status.UNKNOWN, details: String(thrown) };
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(thrown.trailers)) metadata.set(key, value);
  return { code: status[thrown.code], details: thrown.message, metadata };
}
