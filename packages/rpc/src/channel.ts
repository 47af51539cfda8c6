// Channels to other processes of the mesh. Each has a connection of its own: grpc-js would share one among channels with
// equal options, and then a stream of states would wait behind a stream of images.
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type Metadata,
} from '@grpc/grpc-js';
import type { RpcMethod } from './protos.ts';

const options: ChannelOptions = {
  'grpc.use_local_subchannel_pool': 1,
  // Retries between router and replica are the dispatcher's: it knows what was delivered.
  'grpc.enable_retries': 0,
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
  'grpc.max_send_message_length': 64 * 1024 * 1024,
  // A peer that is frozen, or cut off without a word, is noticed within 6 s; one that is only short of CPU answers before.
  // Servers of grpc-js answer pings at any rate, also where there is no call; others would take so many for abuse.
  'grpc.keepalive_time_ms': 2_000,
  'grpc.keepalive_timeout_ms': 4_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 5_000,
};

export interface ChannelTerms {
  /** Whom its certificate names, if not the host of its address. */
  readonly serverName?: string | undefined;
  /** How much the peer may send before this side has read it; by default HTTP/2's 64 KiB, which large messages crawl through. */
  readonly windowBytes?: number;
  /** A message that is written is told to have left when it has: grpc-js would tell it at once, and keep a megabyte for retries. */
  readonly keepsNothing?: boolean;
}

/** A client with a connection of its own to `host:port`. */
export function openChannel(
  address: string,
  credentials: ChannelCredentials,
  { serverName, windowBytes, keepsNothing = false }: ChannelTerms = {},
): Client {
  const named = serverName === undefined ? {} : { 'grpc.ssl_target_name_override': serverName };
  const wide = windowBytes === undefined ? {} : { 'grpc-node.flow_control_window': windowBytes };
  const frugal = keepsNothing ? { 'grpc.per_rpc_retry_buffer_size': 0 } : {};
  // With the scheme, because a host may be called like one.
  return new Client(`dns:${address}`, credentials, { ...options, ...named, ...wide, ...frugal });
}

/** Opens a bidirectional stream of undecoded messages. */
export function openRawBidi(client: Client, method: RpcMethod, metadata: Metadata): ClientDuplexStream<Buffer, Buffer> {
  return client.makeBidiStreamRequest(method.path, asItIs, asItIs, metadata);
}

/** A call to open: its method, its decoded request and what goes along. */
export interface ServerStreamCall {
  readonly method: RpcMethod;
  readonly request: object;
  readonly metadata: Metadata;
}

/** Opens a stream of decoded responses. */
export function openServerStream<Response extends object>(
  client: Client,
  call: ServerStreamCall,
): ClientReadableStream<Response> {
  const { method, request, metadata } = call;
  const encode = (message: object): Buffer => method.encodeRequest(message);
  const decode = (bytes: Buffer): Response => method.decodeResponse(bytes) as Response;
  return client.makeServerStreamRequest(method.path, encode, decode, request, metadata);
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}
