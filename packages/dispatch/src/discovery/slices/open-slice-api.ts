// EndpointSlices from a cluster's API server: the list of a Service's slices, and the stream of what changes from a version on. A
// proxy, or another program altogether, may answer in its place: what is no slice is refused here, before anything relies on it.
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { SliceSource } from '@weft/config';
import { WeftError } from '@weft/errors';
import { type Cluster, type ClusterAccess, clusterRefusal, openCluster } from './cluster-api.ts';
import type { EndpointSlice, SliceApi, SliceEvent, SliceWatchCall, WatchEnd } from './slice-api.ts';

/** The status of an object that is none: why not. */
interface Status {
  readonly message?: string;
  readonly code?: number;
}

interface Line {
  readonly type: SliceEvent['type'] | 'ERROR';
  readonly object?: unknown;
}

const gone = 410;

export function openSliceApi(access: ClusterAccess): SliceApi {
  let opened: Promise<Cluster> | undefined;
  const get = async (source: SliceSource, query: Readonly<Record<string, string>>, signal: AbortSignal) => {
    opened ??= openCluster(access);
    const cluster = await opened.catch((thrown: unknown) => {
      // The file may be there the next time.
      opened = undefined;
      throw thrown;
    });
    return cluster.get(pathOf(source.namespace ?? cluster.namespace, source.service, query), signal);
  };
  return {
    async list(source, signal) {
      const answer = await get(source, {}, signal);
      if (answer.statusCode !== 200) throw await clusterRefusal(answer);
      const body = await text(answer);
      return understood(() => {
        const { items, metadata } = JSON.parse(body) as {
          readonly items: readonly unknown[];
          readonly metadata: { readonly resourceVersion: string };
        };
        return { slices: items.map(checkedSlice), resourceVersion: metadata.resourceVersion };
      });
    },
    async watch(source, call) {
      const { resourceVersion, timeoutMs, signal } = call;
      const timeoutSeconds = String(Math.ceil(timeoutMs / 1_000));
      const query = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion, timeoutSeconds };
      try {
        const answer = await get(source, query, signal);
        if (answer.statusCode === 200) return await readEvents(answer, call);
        const refused = await clusterRefusal(answer);
        return answer.statusCode === gone ? { kind: 'expired' } : { kind: 'refused', reason: refused.message };
      } catch (thrown) {
        return signal.aborted ? { kind: 'ended' } : { kind: 'refused', reason: (thrown as Error).message };
      }
    },
  };
}

function pathOf(namespace: string, service: string, query: Readonly<Record<string, string>>): string {
  const search = new URLSearchParams({ labelSelector: `kubernetes.io/service-name=${service}`, ...query });
  return `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices?${search.toString()}`;
}

/** One event on each line. A connection that breaks is an end like any other; what is no event ends the watch. */
function readEvents(answer: IncomingMessage, { onOpen, onEvent }: SliceWatchCall): Promise<WatchEnd> {
  const { 'content-type': type = '' } = answer.headers;
  if (!type.startsWith('application/json')) {
    answer.destroy();
    return Promise.resolve({
      kind: 'refused',
      reason: `the API server answers with ${type.slice(0, 80) || 'no type'}`,
    });
  }
  onOpen();
  return new Promise((resolve) => {
    const lines = createInterface({ input: answer });
    let end: WatchEnd | undefined;
    lines.on('line', (line) => {
      if (end !== undefined) return;
      try {
        const event = understood(() => eventOf(JSON.parse(line) as Line));
        if ('slice' in event) return onEvent(event);
        end = event;
      } catch (thrown) {
        end = { kind: 'refused', reason: (thrown as Error).message };
        lines.close();
        answer.destroy();
      }
    });
    lines.once('close', () => resolve(end ?? { kind: 'ended' }));
    // Of the connection: readline hands it on, and is not closed by it.
    lines.once('error', () => lines.close());
  });
}

function eventOf({ type, object }: Line): SliceEvent | WatchEnd {
  if (type !== 'ERROR') return { type, slice: type === 'BOOKMARK' ? (object as EndpointSlice) : checkedSlice(object) };
  const { code, message = 'the API server ended the watch' } = object as Status;
  return code === gone ? { kind: 'expired' } : { kind: 'refused', reason: message };
}

/** Throws a TypeError where a field that is read later is not what it should be. */
function checkedSlice(object: unknown): EndpointSlice {
  const slice = object as EndpointSlice;
  if (typeof slice.metadata.name !== 'string') throw new TypeError('a slice has no name');
  for (const { addresses } of slice.endpoints ?? [])
    if (!addresses.every((address) => typeof address === 'string')) throw new TypeError('an address is no text');
  for (const { port } of slice.ports ?? [])
    if (typeof (port ?? 0) !== 'number') throw new TypeError('a port is no number');
  return slice;
}

/** What `read` makes of an answer; for people where it cannot. */
function understood<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw new WeftError('UNAVAILABLE', `the API server answers with what is no EndpointSlice: ${String(cause)}`, {
      cause,
    });
  }
}
