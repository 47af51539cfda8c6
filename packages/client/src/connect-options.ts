// What a client is told once, when it is made.

export interface ConnectOptions {
  /**
   * `host:port` of the router; the port may be left out (8001). IPv6 addresses stand in brackets: `[::1]:8001`. With several routers
   * `dns:///host:port` spreads the calls over all addresses of the name, round robin, and follows them as they change.
   */
  readonly router: string;
  /** A bearer token, sent with every call. Only over TLS or to this machine, unless `allowPlaintextToken` is set. */
  readonly token?: string | undefined;
  /** Sends the token without TLS to another machine, where something else encrypts the way there. */
  readonly allowPlaintextToken?: boolean | undefined;
  /** `true`: TLS with the certificate authorities that Node knows. Absent: no TLS. */
  readonly tls?: boolean | TlsOptions | undefined;
  /** Whose requests these are, where the router asks for no credentials. */
  readonly tenant?: string | undefined;
  /** Priority class, 1 the highest, where the router asks for no credentials. */
  readonly priority?: number | undefined;
  /** How long a call may take, its retries included. Milliseconds; 60,000 by default. */
  readonly timeoutMs?: number | undefined;
  readonly retry?: Partial<RetryOptions> | undefined;
  /** Largest message, both ways. Bytes; 64 MiB by default, which is also the router's default. */
  readonly maxMessageBytes?: number | undefined;
  /** During a call the connection is probed this often, and given up after 5 s without an answer. Milliseconds; 10,000 by default. */
  readonly keepaliveMs?: number | undefined;
}

/** PEM text or bytes. */
export interface TlsOptions {
  /** Certificate authorities to trust instead of Node's. */
  readonly ca?: string | Uint8Array | undefined;
  /** This client's own certificate and its key, for a router that asks for one (mTLS). */
  readonly cert?: string | Uint8Array | undefined;
  readonly key?: string | Uint8Array | undefined;
  /** The name the router's certificate must have, when it is not the host in `router`. */
  readonly serverName?: string | undefined;
}

export interface RetryOptions {
  /** How many times a call that met UNAVAILABLE is tried again; 3 by default, 0 for never. */
  readonly maxRetries: number;
  /** The wait before the first retry; it doubles with each one, up to the maximum. Milliseconds. */
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
}

export const defaultRetry: RetryOptions = { maxRetries: 3, initialBackoffMs: 100, maxBackoffMs: 2_000 };
export const defaultTimeoutMs = 60_000;
export const defaultMaxMessageBytes = 64 * 1024 * 1024;
export const defaultKeepaliveMs = 10_000;
