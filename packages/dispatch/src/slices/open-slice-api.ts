// EndpointSlices from a cluster's API server. Kubernetes' own client knows where it is and how to show who asks: a pod's
// service account, whose token changes, or anything that a kubeconfig may say. The calls themselves are Node's: the client's Watch
// cannot be given up while it connects. The client is loaded when the first Service is asked for: it weighs 70 MB of memory.
import { type ClientRequest, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { KubeConfig } from '@kubernetes/client-node';
import type { SliceSource } from '@weft/config';
import { WeftError } from '@weft/errors';
import type { EndpointSlice, SliceApi, SliceEvent, SliceWatchCall, WatchEnd } from './slice-api.ts';

export interface SliceApiOptions {
  /** A file; undefined: the service account of the pod that this process runs in. */
  readonly kubeconfig: string | undefined;
}

/** The status of an object that is none: why not. */
interface Status {
  readonly message?: string;
  readonly code?: number;
}

type Line = (SliceEvent & { readonly object: EndpointSlice }) | { readonly type: 'ERROR'; readonly object: Status };

const gone = 410;

export function openSliceApi({ kubeconfig }: SliceApiOptions): SliceApi {
  let loaded: Promise<KubeConfig> | undefined;
  const get = async (source: SliceSource, query: Readonly<Record<string, string>>, signal: AbortSignal) => {
    loaded ??= loadConfig(kubeconfig);
    const config = await loaded.catch((thrown: unknown) => {
      // The file may be there the next time.
      loaded = undefined;
      throw thrown;
    });
    return ask(config, { path: pathOf(config, source, query), signal });
  };
  return {
    async list(source, signal) {
      const answer = await get(source, {}, signal);
      if (answer.statusCode !== 200) throw await refusal(answer);
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
        const refused = await refusal(answer);
        return answer.statusCode === gone ? { kind: 'expired' } : { kind: 'refused', reason: refused.message };
      } catch (thrown) {
        return signal.aborted ? { kind: 'ended' } : { kind: 'refused', reason: (thrown as Error).message };
      }
    },
  };
}

async function loadConfig(kubeconfig: string | undefined): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromCluster();
  else config.loadFromFile(kubeconfig);
  const server = config.getCurrentCluster()?.server;
  if (server !== undefined && URL.canParse(server)) return config;
  throw new WeftError(
    'FAILED_PRECONDITION',
    kubeconfig === undefined
      ? 'this process is no pod of a cluster: name one with --kubeconfig'
      : 'it names no cluster',
  );
}

function pathOf(config: KubeConfig, source: SliceSource, query: Readonly<Record<string, string>>): string {
  const namespace = source.namespace ?? config.getContextObject(config.getCurrentContext())?.namespace ?? 'default';
  const labelSelector = `kubernetes.io/service-name=${source.service}`;
  const search = new URLSearchParams({ labelSelector, ...query });
  return `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace.trim())}/endpointslices?${search.toString()}`;
}

/** Resolves with the begin of the answer, whatever its status. */
async function ask(
  config: KubeConfig,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  const url = new URL(`${config.getCurrentCluster()?.server.replace(/\/$/, '')}${path}`);
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
    const call: ClientRequest = send(url, { ...options, signal }, resolve);
    call.once('error', reject);
    call.end();
  });
}

async function refusal(answer: IncomingMessage): Promise<WeftError> {
  const body = await text(answer);
  const { message } = parseStatus(body);
  return new WeftError('UNAVAILABLE', message ?? `the API server answers with ${answer.statusCode}`);
}

function parseStatus(body: string): Status {
  try {
    return JSON.parse(body) as Status;
  } catch {
    // What stands before the API server, a proxy, answers as it likes.
    return {};
  }
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
