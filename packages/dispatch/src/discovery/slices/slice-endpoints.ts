// From a Service's EndpointSlices to the replicas that are there and those that leave, pure.
//
// A pod that terminates is leaving from the moment Kubernetes knows of it, which is before the pod itself does; but while none that stays
// is serving it goes on, as Kubernetes' own Services have it: the successor of an only replica loads its models first. One that is not
// ready is not named, unless its Service publishes it all the same (publishNotReadyAddresses), as weft's own Services do.
import { canonicalHost, formatEndpoint, type SliceSource } from '@weft/config';
import type { EndpointSlice, SliceEndpoint } from './slice-api.ts';

export interface SliceEndpoints {
  /** host:port of each, in canonical spelling and each once. */
  readonly endpoints: readonly string[];
  readonly leaving: readonly string[];
}

export function sliceEndpoints(source: SliceSource, slices: Iterable<EndpointSlice>): SliceEndpoints {
  const found = [...slices].sort(byFamily).flatMap((slice) => {
    const port = portOf(source, slice);
    return port === undefined ? [] : (slice.endpoints ?? []).map((endpoint) => ({ endpoint, port }));
  });
  const staying = oncePerPod(found.filter(({ endpoint }) => isReady(endpoint) && !isTerminating(endpoint)));
  // One address may stand in two slices while Kubernetes moves it from one to the other.
  const endpoints = new Set(staying.flatMap(addressOf));
  const succeeded = staying.some(({ endpoint }) => endpoint.conditions?.serving !== false);
  const leaving = succeeded ? found.filter(({ endpoint }) => isTerminating(endpoint)).flatMap(addressOf) : [];
  return { endpoints: [...endpoints], leaving: [...new Set(leaving)].filter((address) => !endpoints.has(address)) };
}

interface Found {
  readonly endpoint: SliceEndpoint;
  readonly port: number;
}

/** A pod with addresses of both families is one replica, at its IPv4 address. */
function oncePerPod(found: readonly Found[]): Found[] {
  const seen = new Set<string>();
  return found.filter(({ endpoint, port }) => {
    const uid = endpoint.targetRef?.uid;
    if (uid === undefined) return true;
    const pod = `${uid}:${port}`;
    const isNew = !seen.has(pod);
    seen.add(pod);
    return isNew;
  });
}

function byFamily(one: EndpointSlice, other: EndpointSlice): number {
  const rank = ({ addressType }: EndpointSlice): number => (addressType === 'IPv4' ? 0 : 1);
  return rank(one) - rank(other) || (one.metadata.name < other.metadata.name ? -1 : 1);
}

function portOf({ port }: SliceSource, { ports }: EndpointSlice): number | undefined {
  if (typeof port === 'number') return port;
  return ports?.find(({ name }) => name === port)?.port ?? undefined;
}

function addressOf({ endpoint, port }: Found): string[] {
  const [address] = endpoint.addresses;
  return address === undefined ? [] : [formatEndpoint({ host: canonicalHost(address), port })];
}

const isReady = ({ conditions }: SliceEndpoint): boolean => conditions?.ready !== false;
const isTerminating = ({ conditions }: SliceEndpoint): boolean => conditions?.terminating === true;
