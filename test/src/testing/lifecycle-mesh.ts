// Replicas of the custom service and a router, each a process with a data directory of its own, on a real nats-server: what
// is pushed to the router reaches all of them, and each can be killed and started again with what it knew.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { connect, type Outcome, type PushRequest, type WeftClient } from '@weft/client';
import { encodeModel } from '@weft/convert';
import { type NatsServer, startNatsServer } from '@weft/models/testing';
import { plus, temporaryFolder } from './author-models.ts';
import { endProcess, type StartedProcess, startProcess } from './start-process.ts';

export interface LifecycleMesh {
  readonly nats: NatsServer;
  readonly client: WeftClient;
  readonly router: StartedProcess;
  readonly replicas: readonly LifecycleReplica[];
  /** The data directories of the replicas. */
  readonly dataDirectories: readonly string[];
  /** Publishes a model that adds `constant`; resolves when every replica has it or failed to. */
  push(version: string, constant: number, more?: PushedModel): Promise<Outcome>;
  /** Kills the router, and starts it again; resolves when it is connected to every replica. */
  restartRouter(): Promise<void>;
  /** Kills every process but nats-server, and starts them again. */
  restartAll(): Promise<void>;
}

export interface PushedModel extends Partial<Pick<PushRequest, PushedField>> {
  readonly name?: string;
  /** In place of the model. */
  readonly bytes?: Uint8Array;
}

type PushedField = 'canaryShare' | 'shadowShare' | 'config' | 'service' | 'signatures' | 'files';

export interface LifecycleReplica {
  /** Of its process now. */
  readonly process: () => StartedProcess;
  kill(): Promise<void>;
  /** At its port. Resolves when it listens. */
  start(): Promise<void>;
}

const anyPorts = ['--port', '0', '--metrics-port', '0'];

export interface LifecycleMeshOptions {
  readonly replicas: number;
  readonly replicaArgs?: readonly string[];
  /** What the first replica runs under, see ProcessPlace, by its data directory. */
  readonly firstUnder?: (dataDirectory: string) => readonly string[];
}

/** Everything is ended when the test is over. */
export async function startLifecycleMesh(t: TestContext, options: LifecycleMeshOptions): Promise<LifecycleMesh> {
  const folder = temporaryFolder();
  const ends: (() => Promise<void> | void)[] = [() => folder.remove()];
  t.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  const nats = await startNatsServer();
  ends.push(() => nats.close());
  const dataDirectories = Array.from({ length: options.replicas }, (_, at) => join(folder.path, `replica-${at}`));
  const replicas = dataDirectories.map((dataDirectory, at) => {
    const more = ['--no-default-models', '--nats', nats.url, '--data-directory', dataDirectory];
    const args = [...more, ...(options.replicaArgs ?? [])];
    const under = at === 0 ? (options.firstUnder?.(dataDirectory) ?? []) : [];
    const replica = restartable({ name: 'custom', args, under, listening: 'service.listening' });
    ends.push(() => replica.kill());
    return replica;
  });
  await Promise.all(replicas.map((replica) => replica.start()));
  const endpoints = replicas.flatMap(({ address }) => ['--endpoints', address()]);
  const routerArgs = [
    '--http-port=0',
    ...endpoints,
    '--nats',
    nats.url,
    '--data-directory',
    join(folder.path, 'router'),
  ];
  const router = restartable({ name: 'router', args: routerArgs, under: [], listening: 'router.listening' });
  ends.push(() => router.kill());
  const connected = () =>
    Promise.all(replicas.map(({ address }) => router.process().logged('replica.connected', { endpoint: address() })));
  await router.start();
  await connected();
  const client = connect({ router: router.address() });
  ends.push(() => client.close());
  const models = join(folder.path, 'models');
  mkdirSync(models);
  let files = 0;
  return {
    nats,
    client,
    get router() {
      return router.process();
    },
    replicas,
    dataDirectories,
    async push(version, constant, { name = 'm', bytes, ...more } = {}) {
      const file = join(models, `${(files += 1)}.onnx`);
      writeFileSync(file, bytes ?? encodeModel(plus(constant)));
      const { outcome } = await client.admin.push({ name, version, files: [{ path: 'model.onnx', file }], ...more });
      return outcome;
    },
    async restartRouter() {
      await router.kill();
      await router.start();
      await connected();
    },
    async restartAll() {
      await Promise.all([router, ...replicas].map((one) => one.kill()));
      await Promise.all(replicas.map((replica) => replica.start()));
      await router.start();
      await connected();
    },
  };
}

interface Restartable extends LifecycleReplica {
  readonly address: () => string;
}

interface RestartableOptions {
  readonly name: string;
  readonly args: readonly string[];
  readonly under: readonly string[];
  /** The event of the log that tells its address. */
  readonly listening: string;
}

/** Starts at any free port the first time, and at the same one again after that. */
function restartable({ name, args, under, listening }: RestartableOptions): Restartable {
  let running: StartedProcess | undefined;
  let address = '';
  return {
    process() {
      if (running === undefined) throw new Error(`${name} was not started`);
      return running;
    },
    address: () => address,
    async kill() {
      if (running !== undefined) await endProcess(running);
    },
    async start() {
      const [, port = '0'] = address.split(':');
      running = startProcess(name, [...anyPorts.with(1, port), ...args], { under });
      address = String((await running.logged(listening))['address']);
    },
  };
}
