// The router's address as people write it. What grpc-js would accept in silence and then fail on (a URL, a path) is
// refused here, where the message can say what is expected.
import { invalidArgument } from '@weft/errors';

const defaultRouterPort = 8001;

export interface RouterAddress {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** `host:port`, as grpc-js takes it. */
  readonly target: string;
  /** Whether it stays on this machine. */
  readonly loopback: boolean;
}

/** Throws INVALID_ARGUMENT where the text is not `host`, `host:port` or `[ipv6]:port`. */
export function parseRouterAddress(text: string): RouterAddress {
  const match = /^(?:\[([0-9a-f:.%\w]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultRouterPort : Number(match[3]);
  if (host === undefined || port < 1 || port > 65_535) {
    throw invalidArgument(`${JSON.stringify(text)} is no router address: expected host:port`);
  }
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return { host, port, target, loopback: isLoopback(host) };
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|::1|(?:::ffff:)?127(?:\.\d{1,3}){3})$/i.test(host);
}
