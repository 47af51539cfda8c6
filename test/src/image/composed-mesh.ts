// The mesh of compose.yaml in containers of an image: the commands, restrictions, volumes and settings of that file, with NATS and
// DNS played on this machine. The containers share its network, so every process is told ports of its own.
import { join } from 'node:path';
import { freePorts } from '@weft/foreign';
import { startNatsServer } from '@weft/models/testing';
import { natsConfig } from '../deploy/nats-config.ts';
import { startDnsServer } from '../testing/dns-server.ts';
import { type ComposeModel, containerArguments } from './compose-model.ts';
import type { Engine } from './engine.ts';

export interface ComposedMesh {
  /** host:port for clients, by TLS. */
  readonly router: string;
  /** Names of the containers, which are those of the services in the file. */
  readonly containers: readonly string[];
  /** Resolves once the image's own check of each container's health succeeds. */
  ready(): Promise<void>;
  /** Runs JavaScript in a container; resolves with what it printed. */
  evaluate(container: string, script: string): Promise<string>;
  /** What it logged. */
  logs(container: string): Promise<string>;
  /** As `docker stop` does: SIGTERM, and SIGKILL after the file's time. Resolves with the exit code and how long it took. */
  end(container: string): Promise<{ readonly code: number; readonly ms: number }>;
  stop(): Promise<void>;
}

export interface ComposedMeshOptions {
  readonly engine: Engine;
  readonly image: string;
  readonly model: ComposeModel;
  /** Of credentials, and for the servers' files. */
  readonly folder: string;
}

export async function startComposedMesh(options: ComposedMeshOptions): Promise<ComposedMesh> {
  const { engine, image, model, folder } = options;
  const services = Object.entries(model.services).filter(([name]) => name !== 'nats');
  const containers = services.map(([name]) => name);
  const nats = await startNatsServer({ config: natsConfig({ credentials: join(folder, 'credentials'), folder }) });
  const dns = await startDnsServer();
  const ports = new Map<string, readonly number[]>();
  for (const name of containers) ports.set(name, await freePorts(4));
  const portOf = (name: string): number => ports.get(name)?.[0] ?? 0;
  const others = containers.filter((name) => name !== 'router');
  for (const name of others) dns.set(name, { a: ['127.0.0.1'], ttlSeconds: 1 });
  const stop = async (): Promise<void> => {
    for (const name of containers) await engine.tryPodman(['rm', '--force', '--volumes', '--time', '0', name]);
    await dns.stop();
    await nats.close();
  };
  try {
    for (const [name, service] of services) {
      const [port, http, metrics, health] = ports.get(name) ?? [];
      const own = {
        WEFT_PORT: port,
        WEFT_HTTP_PORT: http,
        WEFT_METRICS_PORT: metrics,
        WEFT_HEALTH_PORT: health,
        WEFT_DNS_SERVER: dns.address,
        WEFT_NATS: `tls://localhost:${nats.port}`,
        ...(name === 'router' ? { WEFT_ENDPOINTS: others.map((each) => `dns:${each}:${portOf(each)}`).join(',') } : {}),
      };
      const overrides = Object.entries(own).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
      const confined = containerArguments(name, service);
      const place = ['--detach', '--name', name, '--network', 'host'];
      await engine.podman(['run', ...place, ...confined, ...overrides, image, ...(service.command ?? [])]);
    }
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  const inspected = async (name: string, what: string): Promise<string> =>
    await engine.podman(['container', 'inspect', '--format', `{{.State.${what}}}`, name]);
  const mesh: ComposedMesh = {
    router: `localhost:${portOf('router')}`,
    containers,
    async ready() {
      for (const name of containers) await engine.healthy(name);
    },
    evaluate: (name, script) => engine.podman(['exec', name, 'node', '--eval', script]),
    async logs(name) {
      const { stdout, stderr } = await engine.tryPodman(['logs', name]);
      return `${stdout}${stderr}`;
    },
    async end(name) {
      const seconds = parseInt(model.services[name]?.stop_grace_period ?? '10', 10);
      const beganMs = performance.now();
      await engine.podman(['stop', '--time', String(seconds), name]);
      const ms = performance.now() - beganMs;
      return { code: Number(await inspected(name, 'ExitCode')), ms };
    },
    stop,
  };
  return mesh;
}
