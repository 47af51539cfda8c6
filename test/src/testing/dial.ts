// A bare gRPC client for tests: every call by its path, with whatever headers, and its whole outcome: code, text, trailers.
import {
  type CallOptions,
  type ChannelCredentials,
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { rpcMethod } from '@weft/rpc';

export interface Outcome {
  /** The code, and after it the text of an error: `NOT_FOUND Request for unknown model: …`. */
  readonly result: string;
  readonly response: unknown;
  readonly trailers: Readonly<Record<string, unknown>>;
}

export interface CallLimits extends CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
}

export type PendingOutcome = Promise<Outcome> & { cancel(): void };

export interface Dialled {
  /** host:port */
  readonly address: string;
  readonly client: Client;
  /** `request` is a message, or its bytes as they are. */
  call(path: string, request: object, limits?: CallLimits): PendingOutcome;
  /** The response of a call that must succeed. */
  ask<Response>(path: string, request: object, limits?: CallLimits): Promise<Response>;
  /** These headers, and the token of this client where it has one. */
  metadata(headers: Readonly<Record<string, string>>): Metadata;
  watch<Response>(path: string, request: object): ClientReadableStream<Response>;
  close(): void;
}

export interface DialOptions {
  readonly credentials?: ChannelCredentials;
  readonly token?: string;
}

const bytes = (message: Buffer): Buffer => message;

export function dial(address: string, options: DialOptions = {}): Dialled {
  const client = new Client(address, options.credentials ?? credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_send_message_length': -1,
    'grpc.max_receive_message_length': -1,
    'grpc.enable_retries': 0,
  });
  const metadataOf = (headers: Readonly<Record<string, string>>): Metadata => {
    const metadata = new Metadata();
    if (options.token !== undefined) metadata.set('authorization', `Bearer ${options.token}`);
    for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
    return metadata;
  };
  const call = (path: string, request: object, { headers = {}, ...limits }: CallLimits = {}): PendingOutcome => {
    const method = rpcMethod(path);
    const encoded = Buffer.isBuffer(request) ? request : method.encodeRequest(request);
    const deadline = limits.deadline ?? Date.now() + 60_000;
    let cancel: () => void = () => {};
    const outcome = new Promise<Outcome>((resolve) => {
      const settle = (error: ServiceError | null, response?: Buffer): void =>
        resolve(outcomeOf(error, response === undefined ? undefined : method.decodeResponse(response)));
      const begun = client.makeUnaryRequest(
        path,
        bytes,
        bytes,
        encoded,
        metadataOf(headers),
        { ...limits, deadline },
        settle,
      );
      cancel = () => begun.cancel();
    });
    return Object.assign(outcome, { cancel: () => cancel() });
  };
  return {
    address,
    client,
    call,
    metadata: metadataOf,
    async ask<Response>(path: string, request: object, limits?: CallLimits) {
      const { result, response } = await call(path, request, limits);
      if (result !== 'OK') throw new Error(`${path}: ${result}`);
      return response as Response;
    },
    watch<Response>(path: string, request: object) {
      const method = rpcMethod(path);
      const decode = (response: Buffer) => method.decodeResponse(response) as Response;
      return client.makeServerStreamRequest(path, bytes, decode, method.encodeRequest(request), metadataOf({}));
    },
    close: () => client.close(),
  };
}

function outcomeOf(error: ServiceError | null, response: unknown): Outcome {
  if (error === null) return { result: 'OK', response, trailers: {} };
  return {
    result: `${status[error.code]} ${error.details}`,
    response: undefined,
    trailers: error.metadata?.getMap() ?? {},
  };
}
