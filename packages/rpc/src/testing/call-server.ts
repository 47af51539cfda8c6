// For tests: a server on a free port with a gate of the test's choosing, and a client of its own for it.
import {
  type CallOptions,
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { createLog } from '@weft/telemetry';
import { createGate, type Gate } from '../gate/gate.ts';
import { createServerCredentials } from '../credentials.ts';
import { rpcMethod } from '../protos.ts';
import { RpcServer } from '../server/rpc-server.ts';
import type { OnUnsent } from '../streams/send-window.ts';

export interface CallServerOptions {
  readonly gate?: Gate;
  readonly maxMessageBytes?: number;
  readonly onUnsent?: OnUnsent;
  readonly keepaliveMs?: number;
}

export interface UnaryOptions extends CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
}

/** What became of a unary call: the response, or code, text and trailers of the error. */
export interface Outcome {
  readonly response: unknown;
  readonly code: string;
  readonly message: string;
  readonly trailers: Readonly<Record<string, unknown>>;
}

export async function startCallServer(register: (server: RpcServer) => void, options: CallServerOptions = {}) {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const server = new RpcServer({
    gate: options.gate ?? createGate({ boundToLoopback: true }),
    credentials: createServerCredentials({}).credentials,
    maxMessageBytes: options.maxMessageBytes ?? 1_000_000,
    log: createLog({ level: 'debug', fields: {}, destination }),
    ...(options.onUnsent === undefined ? {} : { onUnsent: options.onUnsent }),
    ...(options.keepaliveMs === undefined ? {} : { keepaliveMs: options.keepaliveMs }),
  });
  register(server);
  const port = await server.listen('127.0.0.1', 0);
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_send_message_length': -1,
    'grpc.max_receive_message_length': -1,
  });
  const bytes = (message: Buffer): Buffer => message;
  const metadataOf = (headers: Readonly<Record<string, string>>): Metadata => {
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
    return metadata;
  };
  /** `request` is a message, or its bytes as they are. */
  const unary = (path: string, request: object, { headers = {}, ...limits }: UnaryOptions = {}) => {
    const method = rpcMethod(path);
    const encoded = Buffer.isBuffer(request) ? request : method.encodeRequest(request);
    let cancel: () => void = () => {};
    const outcome = new Promise<Outcome>((resolve) => {
      const settle = (error: ServiceError | null, response?: Buffer): void =>
        resolve(outcomeOf(error, response === undefined ? undefined : method.decodeResponse(response)));
      const call = client.makeUnaryRequest(path, bytes, bytes, encoded, metadataOf(headers), limits, settle);
      cancel = () => call.cancel();
    });
    return Object.assign(outcome, { cancel: () => cancel() });
  };
  return {
    server,
    port,
    lines,
    client,
    unary,
    stream(path: string, request: object): ClientReadableStream<object> {
      const method = rpcMethod(path);
      return client.makeServerStreamRequest(
        path,
        bytes,
        (response: Buffer) => method.decodeResponse(response),
        method.encodeRequest(request),
      );
    },
    bidi(path: string): ClientDuplexStream<Buffer, Buffer> {
      return client.makeBidiStreamRequest(path, bytes, bytes);
    },
    async stop(): Promise<void> {
      client.close();
      await server.stop(1_000);
    },
  };
}

function outcomeOf(error: ServiceError | null, response?: unknown): Outcome {
  if (error === null) return { response, code: 'OK', message: '', trailers: {} };
  return {
    response: undefined,
    code: status[error.code],
    message: error.details,
    trailers: error.metadata?.getMap() ?? {},
  };
}

/** The messages of a stream and how it ended: OK, or code and text. */
export async function collect(
  stream: ClientReadableStream<object> | ClientDuplexStream<Buffer, Buffer>,
): Promise<{ messages: unknown[]; ended: string }> {
  const messages: unknown[] = [];
  stream.on('data', (message: unknown) => void messages.push(message));
  return new Promise((resolve) => {
    stream.once('error', (error: ServiceError) =>
      resolve({ messages, ended: `${status[error.code]} ${error.details}` }),
    );
    stream.once('end', () => resolve({ messages, ended: 'OK' }));
  });
}
