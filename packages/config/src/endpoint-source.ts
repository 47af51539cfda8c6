// Where replicas are looked for, as one item of `--endpoints` says it: at one address, at every address of a name (`dns:`),
// or at every target of an SRV name (`srv:`). gRPC's own spelling `dns:///host:port` is accepted for both.
import { isIP } from 'node:net';
import { invalidArgument } from '@weft/errors';
import { canonicalHost, type Endpoint, formatEndpoint, parseEndpoint } from './endpoint.ts';

export type EndpointSource = StaticSource | NamedSource;

/** One replica; a host that is no address is resolved by gRPC at each connection. */
export interface StaticSource {
  readonly kind: 'static';
  /** The item as it was written. */
  readonly text: string;
  /** host:port */
  readonly endpoint: string;
}

/** As many replicas as there are records. */
export type NamedSource = AddressSource | ServiceSource;

export interface AddressSource {
  readonly kind: 'dns';
  readonly text: string;
  readonly host: string;
  readonly port: number;
}

export interface ServiceSource {
  readonly kind: 'srv';
  readonly text: string;
  readonly name: string;
}

/** Throws INVALID_ARGUMENT where the text is none of the three. */
export function parseEndpointSource(text: string): EndpointSource {
  const [, scheme, authority, rest = ''] = /^(dns|srv):(?:\/\/([^/]*)\/)?(.*)$/i.exec(text) ?? [];
  // `dns:8011` is the port of a host that is called dns.
  if (scheme === undefined || (authority === undefined && /^\d*$/.test(rest)))
    return staticSource(text, parseEndpoint(text));
  if (authority !== undefined && authority !== '')
    throw invalidArgument(`${quoted(text)} names a DNS server: that is the setting --dns-server`);
  if (scheme.toLowerCase() === 'dns') {
    const endpoint = parseEndpoint(rest);
    if (isIP(endpoint.host) !== 0) return staticSource(text, endpoint);
    return { kind: 'dns', text, host: domainName(endpoint.host, text), port: endpoint.port };
  }
  if (/:\d+$/.test(rest)) throw invalidArgument(`${quoted(text)} names a port, which SRV records do`);
  return { kind: 'srv', text, name: domainName(rest, text) };
}

/** Throws INVALID_ARGUMENT where the text is no address or address:port. */
export function parseDnsServer(text: string): void {
  if (isIP(text) === 0 && isIP(parseEndpoint(text).host) === 0)
    throw invalidArgument(`${quoted(text)} is no DNS server: expected the address:port of one`);
}

function staticSource(text: string, { host, port }: Endpoint): StaticSource {
  return { kind: 'static', text, endpoint: formatEndpoint({ host: canonicalHost(host), port }) };
}

function domainName(name: string, text: string): string {
  const labels = name.replace(/\.$/, '').split('.');
  if (name.length > 253 || !labels.every((label) => /^[\w-]{1,63}$/.test(label)))
    throw invalidArgument(`${quoted(text)} is no source of endpoints: ${quoted(name)} is no domain name`);
  return name.toLowerCase();
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
