// For tests: the part of a Kubernetes API server that tells of EndpointSlices, over real HTTP: list, watch from a version, bookmarks,
// versions that are forgotten, refusals and silence. Objects change as the test says.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EndpointSlice, SliceEndpoint, SliceEvent } from '../discovery/slices/slice-api.ts';

export interface PlayedApiServer {
  /** A file that leads there, in the namespace `weft`. */
  readonly kubeconfig: string;
  /** Paths and queries of all calls, in order. */
  readonly calls: readonly URL[];
  readonly lists: number;
  readonly watches: number;
  /** How calls are answered from now on; those that are open go on. */
  mode: 'answering' | 'forbidding' | 'forbidding watches' | 'silent' | 'a proxy answers';
  /** A slice of the Service `nlp` with this port, 8011 by default, called grpc; undefined deletes it. */
  set(name: string, endpoints: readonly SliceEndpoint[] | undefined, port?: number): void;
  bookmark(): void;
  /** Bytes in the watches that are open, as they are. */
  write(text: string): void;
  /** Versions before the present one are forgotten: a watch from there is told so, in the stream or by its status. */
  compact(tell: 'event' | 'status'): void;
  /** As its own timeout, or a connection that is cut. */
  endWatches(how: 'end' | 'cut'): void;
  until(holds: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

interface Versioned {
  readonly version: number;
  readonly event: SliceEvent;
}

/** Of a pod, ready unless it is said otherwise. */
export function podEndpoint(address: string, conditions: SliceEndpoint['conditions'] = {}): SliceEndpoint {
  return { addresses: [address], conditions: { ready: true, ...conditions }, targetRef: { uid: `pod-${address}` } };
}

export async function playApiServer(): Promise<PlayedApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-test-'));
  const slices = new Map<string, EndpointSlice>();
  const history: Versioned[] = [];
  const calls: URL[] = [];
  const open = new Set<ServerResponse>();
  const wakes = new Set<() => void>();
  const wake = (): void => wakes.forEach((waiting) => waiting());
  let version = 100;
  let forgotten = 0;
  let tellForgotten: 'event' | 'status' = 'event';

  const write = (response: ServerResponse, { type, slice }: SliceEvent): void =>
    void response.write(`${JSON.stringify({ type, object: slice })}\n`);
  const tellAll = (event: SliceEvent): void => {
    history.push({ version, event });
    for (const response of open) write(response, event);
  };
  const list = (response: ServerResponse): void => {
    api.lists++;
    sendJson(response, {
      kind: 'EndpointSliceList',
      metadata: { resourceVersion: String(version) },
      items: [...slices.values()],
    });
  };
  const watch = (response: ServerResponse, from: number): void => {
    api.watches++;
    const expired = status(410, 'too old resource version');
    if (from < forgotten && tellForgotten === 'status') return sendJson(response, expired, 410);
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    if (from < forgotten) return void response.end(`${JSON.stringify({ type: 'ERROR', object: expired })}\n`);
    for (const { version, event } of history) if (version > from) write(response, event);
    open.add(response);
    response.once('close', () => open.delete(response));
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '', 'http://localhost');
    calls.push(url);
    const watches = url.searchParams.get('watch') === 'true';
    const forbids = api.mode === 'forbidding' || (api.mode === 'forbidding watches' && watches);
    if (forbids) sendJson(response, status(403, `endpointslices is forbidden: ${watches ? 'watch' : 'list'}`), 403);
    else if (api.mode === 'silent') return wake();
    else if (api.mode === 'a proxy answers')
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>\n<h1>Sign in</h1>\n</html>\n');
    else if (watches) watch(response, Number(url.searchParams.get('resourceVersion')));
    else list(response);
    wake();
  };

  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api = {
    kubeconfig: join(folder, 'kubeconfig'),
    calls,
    lists: 0,
    watches: 0,
    mode: 'answering' as PlayedApiServer['mode'],
    set(name: string, endpoints: readonly SliceEndpoint[] | undefined, port = 8011): void {
      version++;
      const before = slices.get(name);
      const metadata = { name, resourceVersion: String(version) };
      const slice = {
        metadata,
        addressType: 'IPv4',
        endpoints: endpoints ?? [],
        ports: [{ name: 'grpc', port }],
      } as const;
      if (endpoints === undefined) slices.delete(name);
      else slices.set(name, slice);
      tellAll({ type: endpoints === undefined ? 'DELETED' : before === undefined ? 'ADDED' : 'MODIFIED', slice });
    },
    bookmark(): void {
      version++;
      const slice = { metadata: { name: '', resourceVersion: String(version) }, addressType: 'IPv4' } as const;
      for (const response of open) write(response, { type: 'BOOKMARK', slice });
    },
    write(text: string): void {
      for (const response of open) response.write(text);
    },
    compact(tell: 'event' | 'status'): void {
      // A change of something else than slices: nobody who watches has seen this version.
      forgotten = ++version;
      tellForgotten = tell;
    },
    endWatches(how: 'end' | 'cut'): void {
      const over = [...open];
      // At once: what changes from now on goes to the next watch.
      open.clear();
      for (const response of over) {
        if (how === 'end') response.end();
        else response.destroy();
      }
    },
    async until(holds: () => boolean): Promise<void> {
      while (!holds()) {
        await new Promise<void>((resolve) => {
          const waiting = (): void => (wakes.delete(waiting), resolve());
          wakes.add(waiting);
        });
      }
    },
    async stop(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      rmSync(folder, { recursive: true });
    },
  };
  const { port } = server.address() as AddressInfo;
  writeFileSync(api.kubeconfig, kubeconfigOf(`http://127.0.0.1:${port}`));
  return api;
}

const status = (code: number, message: string) => ({ kind: 'Status', status: 'Failure', code, message });

function sendJson(response: ServerResponse, body: unknown, code = 200): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'played', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'router', user: { token: 'secret' } }],
    contexts: [{ name: 'played', context: { cluster: 'played', user: 'router', namespace: 'weft' } }],
    'current-context': 'played',
  });
}
