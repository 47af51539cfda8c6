// The router's address as people write it. What grpc-js would accept in silence and then fail on (a URL, a path) is
// refused here, where the message can say what is expected.
import { invalidArgument } from '@weft/errors';

const defaultRouterPort = 8001;

export interface RouterAddress {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** `host:port`, or `dns:///host:port`, as grpc-js takes it. */
  readonly target: string;
  /** Whether calls are spread over all addresses of the name. */
  readonly balanced: boolean;
  /** Whether it stays on this machine. */
  readonly loopback: boolean;
}

const balancedScheme = 'dns:///';

/** Throws INVALID_ARGUMENT where the text is not `host`, `host:port` or `[ipv6]:port`, each with or without `dns:///`. */
export function parseRouterAddress(text: string): RouterAddress {
  const balanced = text.startsWith(balancedScheme);
  const address = balanced ? text.slice(balancedScheme.length) : text;
  const match = /^(?:\[([0-9a-f:.%\w]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?$/i.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultRouterPort : Number(match[3]);
  if (host === undefined || port < 1 || port > 65_535) {
    throw invalidArgument(`${JSON.stringify(text)} is no router address: expected host:port or dns:///host:port`);
  }
  const hostPort = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const target = balanced ? `${balancedScheme}${hostPort}` : hostPort;
  return { host, port, target, balanced, loopback: isLoopback(host) };
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|::1|(?:::ffff:)?127(?:\.\d{1,3}){3})$/i.test(host);
}
