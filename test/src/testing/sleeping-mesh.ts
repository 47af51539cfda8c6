// Replicas with sleeping models and a router in front of them, or several, each a process of its own, so that they can be killed,
// stopped and slowed down.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { temporaryFolder } from './author-models.ts';
import { type Dialled, dial } from './dial.ts';
import { type Metrics, scrape } from './scrape.ts';
import { type SleepingModel, writeSleepingModel } from './sleeping-model.ts';
import { factorVariable } from './sleeping-values.ts';
import { endProcess, type StartedProcess, startEntry, startProcess } from './start-process.ts';

export interface SleepingReplica {
  readonly address: string;
  /** Another one after each restart. */
  readonly pid: number;
  /** From its next batch on it takes so many times longer; of those that `factors` names. */
  slowDown(factor: number): void;
  kill(signal: NodeJS.Signals): void;
  /** Starts it again, at the same port, once its process has ended; resolves when the router has it back. */
  restart(): Promise<void>;
  metrics(): Promise<Metrics>;
}

export interface SleepingMesh {
  readonly replicas: readonly SleepingReplica[];
  readonly router: StartedProcess;
  readonly client: Dialled;
  /** Of each router. */
  readonly clients: readonly Dialled[];
  readonly model: SleepingModel;
  metrics(): Promise<Metrics>;
}

export interface SleepingMeshOptions {
  readonly model: SleepingModel;
  readonly replicas: number;
  /** By how much a replica is slower from its start on; undefined: not at all, for ever. */
  readonly factors?: readonly (number | undefined)[];
  readonly routerArgs?: readonly string[];
  /** 1 by default. */
  readonly routers?: number;
}

const onFreePorts = ['--port', '0', '--metrics-port', '0'];

/** What a test or a file does when it is over. */
interface Scope {
  after(end: () => Promise<void> | void): void;
}

/** All tests of a file. */
export const fileScope: Scope = { after };

/** Everything is ended when the scope is over. */
export async function startSleepingMesh(scope: Scope, options: SleepingMeshOptions): Promise<SleepingMesh> {
  const { model, factors = [], routerArgs = [] } = options;
  const folder = temporaryFolder();
  const ends: (() => Promise<void> | void)[] = [() => folder.remove()];
  // The folder last: whoever runs writes there.
  scope.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  await writeSleepingModel(folder.path, model);
  const replicas = Array.from({ length: options.replicas }, (_, at) => {
    // Only whoever has a file reads it before each batch, which takes long when others keep the disk busy.
    const factorFile = factors[at] === undefined ? undefined : join(folder.path, `.factor-${at}`);
    const replica = new ReplicaProcess(folder.path, factorFile);
    if (factors[at] !== undefined) replica.slowDown(factors[at]);
    ends.push(() => replica.end());
    return replica;
  });
  await Promise.all(replicas.map((replica) => replica.start('0')));
  const endpoints = replicas.flatMap(({ address }) => ['--endpoints', address]);
  const routers = Array.from({ length: options.routers ?? 1 }, () => {
    const folders = ['--data-directory', folder.path];
    const running = startProcess('router', [...onFreePorts, '--http-port=0', ...folders, ...endpoints, ...routerArgs]);
    ends.push(() => endProcess(running));
    return running;
  });
  const clients: Dialled[] = [];
  let metrics = '';
  for (const router of routers) {
    const listening = await router.logged('router.listening');
    metrics ||= String(listening['metrics']);
    await Promise.all(replicas.map((replica) => router.logged('replica.connected', { endpoint: replica.address })));
    const client = dial(String(listening['address']));
    ends.push(() => client.close());
    clients.push(client);
  }
  const [router, client] = [routers[0] as StartedProcess, clients[0] as Dialled];
  for (const replica of replicas) replica.router = router;
  return { replicas, router, client, clients, model, metrics: () => scrape(metrics) };
}

class ReplicaProcess implements SleepingReplica {
  readonly #repository: string;
  readonly #factorFile: string | undefined;
  #running: StartedProcess | undefined;
  #metrics = '';
  address = '';
  router: StartedProcess | undefined;

  constructor(repository: string, factorFile: string | undefined) {
    this.#repository = repository;
    this.#factorFile = factorFile;
  }

  get pid(): number {
    return this.#running?.pid ?? 0;
  }

  async start(port: string): Promise<void> {
    const repository = ['--no-default-models', '--model-repository', this.#repository];
    const entry = new URL('./sleeping-service.js', import.meta.url);
    const args = ['--port', port, '--metrics-port', '0', ...repository, '--data-directory', this.#repository];
    const env = this.#factorFile === undefined ? {} : { [factorVariable]: this.#factorFile };
    const running = startEntry(entry, args, { env });
    this.#running = running;
    const { address, metrics } = await running.logged('service.listening');
    this.address = String(address);
    this.#metrics = String(metrics);
    await running.logged('service.ready');
  }

  slowDown(factor: number): void {
    if (this.#factorFile === undefined) throw new Error('this replica never becomes slower');
    // Never half written: it may be read at any time.
    writeFileSync(`${this.#factorFile}.new`, String(factor));
    renameSync(`${this.#factorFile}.new`, this.#factorFile);
  }

  kill(signal: NodeJS.Signals): void {
    this.#running?.kill(signal);
  }

  async restart(): Promise<void> {
    await this.#running?.ended;
    const connected = this.#connections();
    await this.start(this.address.split(':')[1] ?? '0');
    await this.router?.logged('replica.connected', { endpoint: this.address }, connected + 1);
  }

  metrics(): Promise<Metrics> {
    return scrape(this.#metrics);
  }

  async end(): Promise<void> {
    if (this.#running !== undefined) await endProcess(this.#running);
  }

  #connections(): number {
    const { lines = [] } = this.router ?? {};
    return lines.filter((line) => line['event'] === 'replica.connected' && line['endpoint'] === this.address).length;
  }
}
