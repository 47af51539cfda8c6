// host:port, as settings name the processes to connect to. An IPv6 address stands in brackets: [::1]:8011.
import { isIPv6, SocketAddress } from 'node:net';
import { invalidArgument } from '@weft/errors';

export interface Endpoint {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Throws INVALID_ARGUMENT where the text is no host:port. */
export function parseEndpoint(text: string): Endpoint {
  const match = /^(?:\[([0-9a-f:.%\w]+)\]|([^\s:/[\]]+)):(\d{1,5})$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port >= 1 && port <= 65_535)) {
    throw invalidArgument(`${JSON.stringify(text)} is no endpoint: expected host:port`);
  }
  return { host, port };
}

export function formatEndpoint({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The one spelling of a host: lower case, and the shortest form of an IPv6 address. */
export function canonicalHost(host: string): string {
  // A zone (fe80::1%eth0) belongs to the address, though SocketAddress drops it.
  const shortens = isIPv6(host) && !host.includes('%');
  return shortens ? new SocketAddress({ address: host, family: 'ipv6' }).address : host.toLowerCase();
}

/** Whether only this machine can reach a listener bound to `host`. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return name === 'localhost' || name === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(name);
}
