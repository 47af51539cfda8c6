// EndpointSlices from a cluster's API server: the list of a Service's slices, and the stream of what changes from a version on.
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { SliceSource } from '@weft/config';
import { type Cluster, type ClusterAccess, clusterRefusal, openCluster } from './cluster-api.ts';
import type { EndpointSlice, SliceApi, SliceEvent, SliceWatchCall, WatchEnd } from './slice-api.ts';

/** The status of an object that is none: why not. */
interface Status {
  readonly message?: string;
  readonly code?: number;
}

type Line =
  | { readonly type: SliceEvent['type']; readonly object: EndpointSlice }
  | { readonly type: 'ERROR'; readonly object: Status };

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
      const { items, metadata } = JSON.parse(await text(answer)) as {
        readonly items: readonly EndpointSlice[];
        readonly metadata: { readonly resourceVersion: string };
      };
      return { slices: items, resourceVersion: metadata.resourceVersion };
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

/** One event on each line. A connection that breaks is an end like any other. */
function readEvents(answer: IncomingMessage, { onOpen, onEvent }: SliceWatchCall): Promise<WatchEnd> {
  onOpen();
  return new Promise((resolve) => {
    const lines = createInterface({ input: answer });
    let end: WatchEnd = { kind: 'ended' };
    lines.on('line', (line) => {
      const parsed = JSON.parse(line) as Line;
      if (parsed.type !== 'ERROR') return onEvent({ type: parsed.type, slice: parsed.object });
      const { code, message = 'the API server ended the watch' } = parsed.object;
      end = code === gone ? { kind: 'expired' } : { kind: 'refused', reason: message };
    });
    lines.once('close', () => resolve(end));
    // Of the connection: readline hands it on, and is not closed by it.
    lines.once('error', () => lines.close());
  });
}
