// Replicas whose models serve streams and a router in front of them, each a process of its own: so that they can be killed, and
// what each of them holds in memory can be seen.
import { readFileSync } from 'node:fs';
import { temporaryFolder } from './author-models.ts';
import { type Dialled, dial } from './dial.ts';
import { type Metrics, scrape } from './scrape.ts';
import { endProcess, type StartedProcess, startEntry, startProcess } from './start-process.ts';

export const workerVariable = 'WEFT_TEST_WORKER';

export interface StreamProcess {
  readonly child: StartedProcess;
  metrics(): Promise<Metrics>;
  /** Megabytes. */
  residentMb(): number;
}

export interface StreamProcesses {
  readonly replicas: readonly StreamProcess[];
  readonly router: StreamProcess;
  /** Of the first router; and of each. */
  readonly client: Dialled;
  readonly clients: readonly Dialled[];
}

export interface StreamProcessesOptions {
  readonly worker: 'streaming' | 'video';
  readonly replicas: number;
  /** One unless said. */
  readonly routers?: number;
  /** Writes the models. */
  readonly write: (repository: string) => Promise<void>;
}

interface Scope {
  after(end: () => Promise<void>): void;
}

/** Their heaps are kept small: what grows is kept, and does not only wait for a collection. */
const smallHeap = { NODE_OPTIONS: '--max-semi-space-size=1 --max-old-space-size=80' };
const onFreePorts = ['--port', '0', '--metrics-port', '0'];

/** Everything is ended when the scope is over. */
export async function startStreamProcesses(scope: Scope, options: StreamProcessesOptions): Promise<StreamProcesses> {
  const folder = temporaryFolder();
  const ends: (() => Promise<void> | void)[] = [() => folder.remove()];
  scope.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  await options.write(folder.path);
  const models = ['--no-default-models', '--model-repository', folder.path, '--data-directory', folder.path];
  const env = { ...smallHeap, [workerVariable]: options.worker };
  const children = Array.from({ length: options.replicas }, () => {
    const child = startEntry(new URL('./stream-service.js', import.meta.url), [...onFreePorts, ...models], { env });
    ends.push(() => endProcess(child));
    return child;
  });
  const replicas = await Promise.all(children.map((child) => listening(child, 'service.listening')));
  await Promise.all(children.map((child) => child.logged('service.ready')));
  const endpoints = replicas.flatMap(({ address }) => ['--endpoints', address]);
  const startRouter = async (): Promise<{ readonly router: StreamProcess; readonly client: Dialled }> => {
    const routerArgs = [...onFreePorts, '--http-port=0', '--data-directory', folder.path, ...endpoints];
    const child = startProcess('router', routerArgs, { env: smallHeap });
    ends.push(() => endProcess(child));
    const router = await listening(child, 'router.listening');
    await Promise.all(replicas.map(({ address }) => child.logged('replica.connected', { endpoint: address })));
    const client = dial(router.address);
    ends.push(() => client.close());
    return { router, client };
  };
  const { router, client } = await startRouter();
  const clients = [client];
  while (clients.length < (options.routers ?? 1)) clients.push((await startRouter()).client);
  return { replicas, router, client, clients };
}

async function listening(child: StartedProcess, event: string): Promise<StreamProcess & { readonly address: string }> {
  const { address, metrics } = await child.logged(event);
  return {
    child,
    address: String(address),
    metrics: () => scrape(String(metrics)),
    residentMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
  };
}
