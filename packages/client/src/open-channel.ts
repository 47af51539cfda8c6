// The grpc-js client underneath: its credentials and channel options.
import { type ChannelCredentials, type ChannelOptions, Client, credentials } from '@grpc/grpc-js';
import { invalidArgument } from '@weft/errors';
import { type ConnectOptions, defaultKeepaliveMs, defaultMaxMessageBytes, type TlsOptions } from './connect-options.ts';
import type { RouterAddress } from './router-address.ts';

const roundRobin = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });

/** Opens nothing yet: grpc-js connects at the first call. Throws INVALID_ARGUMENT for options that cannot work. */
export function openChannel(address: RouterAddress, options: ConnectOptions): Client {
  const secure = options.tls !== undefined && options.tls !== false;
  if (options.token !== undefined && !secure && !address.loopback && options.allowPlaintextToken !== true) {
    throw invalidArgument(`the token would travel unencrypted to ${address.target}: set tls, or allowPlaintextToken`);
  }
  const tls = typeof options.tls === 'object' ? options.tls : {};
  return new Client(
    address.target,
    secure ? tlsCredentials(tls) : credentials.createInsecure(),
    channelOptions(address, options, tls),
  );
}

function tlsCredentials({ ca, cert, key }: TlsOptions): ChannelCredentials {
  if ((cert === undefined) !== (key === undefined)) throw invalidArgument('tls needs cert and key together');
  try {
    return credentials.createSsl(pem(ca), pem(key), pem(cert));
  } catch (cause) {
    throw invalidArgument(`tls: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function pem(text: string | Uint8Array | undefined): Buffer | null {
  return text === undefined ? null : Buffer.from(text as string);
}

function channelOptions(address: RouterAddress, options: ConnectOptions, tls: TlsOptions): ChannelOptions {
  const maxMessageBytes = options.maxMessageBytes ?? defaultMaxMessageBytes;
  return {
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.keepalive_time_ms': options.keepaliveMs ?? defaultKeepaliveMs,
    // A router that is cut off without a word holds calls for a quarter of a minute. More often gRPC asks clients not to.
    'grpc.keepalive_timeout_ms': 5_000,
    // Retries are ours alone (with-retries.ts), so that they are counted once and obey one rule.
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
    // Otherwise grpc-js waits a second before it dials again, and our retries would all meet the same dead connection.
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 1_000,
    // By default a name is asked for again after half a minute at the earliest: by then all routers may have been replaced.
    'grpc.dns_min_time_between_resolutions_ms': 1_000,
    ...(address.balanced ? { 'grpc.service_config': roundRobin } : {}),
    // A company's proxy cannot reach this machine's loopback.
    ...(address.loopback ? { 'grpc.enable_http_proxy': 0 } : {}),
    ...(tls.serverName === undefined
      ? {}
      : { 'grpc.ssl_target_name_override': tls.serverName, 'grpc.default_authority': tls.serverName }),
  };
}
