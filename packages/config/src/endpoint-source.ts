// Where replicas are looked for, as one item of `--endpoints` says it: at one address, at every address of a name (`dns:`),
// at every target of an SRV name (`srv:`), or at every endpoint of a Service of Kubernetes (`k8s:`). gRPC's own spelling
// `dns:///host:port` is accepted for all three.
import { isIP } from 'node:net';
import { invalidArgument } from '@weft/errors';
import { canonicalHost, type Endpoint, formatEndpoint, parseEndpoint } from './endpoint.ts';

export type EndpointSource = StaticSource | NamedSource | SliceSource;

/** One replica; a host that is no address is resolved by gRPC at each connection. */
export interface StaticSource {
  readonly kind: 'static';
  /** The item as it was written. */
  readonly text: string;
  /** host:port */
  readonly endpoint: string;
}

/** As many replicas as the DNS has records. */
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

/** As many replicas as the Service's EndpointSlices have endpoints. */
export interface SliceSource {
  readonly kind: 'k8s';
  readonly text: string;
  /** The Service's name as it was written: `nlp`, `nlp.weft` or `nlp.weft.svc`, as `dns:` takes it. */
  readonly host: string;
  readonly service: string;
  /** Undefined: that of whoever asks. */
  readonly namespace: string | undefined;
  /** A number is dialled as it is, a name is looked up in the slices. */
  readonly port: number | string;
}

/** Throws INVALID_ARGUMENT where the text is none of the four. */
export function parseEndpointSource(text: string): EndpointSource {
  const [, scheme, authority, rest = ''] = /^(dns|srv|k8s):(?:\/\/([^/]*)\/)?(.*)$/i.exec(text) ?? [];
  // `dns:8011` is the port of a host that is called dns.
  if (scheme === undefined || (authority === undefined && /^\d*$/.test(rest)))
    return staticSource(text, parseEndpoint(text));
  if (scheme.toLowerCase() === 'k8s') return sliceSource(text, rest, authority);
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

function sliceSource(text: string, rest: string, authority: string | undefined): SliceSource {
  if (authority !== undefined && authority !== '')
    throw invalidArgument(`${quoted(text)} names a cluster: that is the setting --kubeconfig`);
  const [, name = '', port = ''] = /^(.*):([^:]*)$/.exec(rest) ?? [];
  const host = domainName(name, text);
  const [service = '', namespace, svc = 'svc'] = host.replace(/\.$/, '').split('.');
  if (svc !== 'svc')
    throw invalidArgument(
      `${quoted(text)} is no source of endpoints: ${quoted(name)} is no Service, as nlp or nlp.weft`,
    );
  // The name of a port has a letter in it.
  const named = /^(?=.*[a-z])[a-z0-9-]{1,15}$/.test(port);
  return { kind: 'k8s', text, host, service, namespace, port: named ? port : parseEndpoint(rest).port };
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
