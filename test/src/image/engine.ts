// buildah and podman without a daemon, with storage of their own in one folder that goes with them: images of this machine's user
// are neither seen nor touched. Both need root here, as a base system is made with debootstrap.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ForeignMissing } from '@weft/foreign';
import { type ClientOutput, runClient } from '../conformance/run-client.ts';

export interface Engine {
  /** overlay where the kernel mounts it, else vfs, which copies every layer. */
  readonly driver: string;
  /** What it printed. Throws with the end of that where it fails. */
  buildah(args: readonly string[], timeoutMs?: number): Promise<string>;
  podman(args: readonly string[], timeoutMs?: number): Promise<string>;
  /** Resolves however it ends. */
  tryPodman(args: readonly string[], timeoutMs?: number): Promise<ClientOutput>;
  /** Resolves once the check that the container's image has for its health succeeds. Throws, with its log, where it ends before. */
  healthy(container: string): Promise<void>;
  /** Ends what runs, and removes the storage. */
  remove(): Promise<void>;
}

const shortMs = 120_000;
const healthTries = 300;

/** Its programs are killed when the signal aborts. Throws ForeignMissing where there is no buildah or podman, or this is not root. */
export async function openEngine(folder: string, signal: AbortSignal): Promise<Engine> {
  if (process.getuid?.() !== 0) throw new ForeignMissing('building images without an engine needs root here');
  const storage = join(folder, 'storage');
  const run = join(folder, 'run');
  const place = ['--root', storage, '--runroot', run];
  let removing = false;
  const start = (command: string, args: readonly string[], timeoutMs: number): Promise<ClientOutput> => {
    const bound = removing ? {} : { signal };
    return runClient({ command, args: [...place, ...args], timeoutMs, ...bound }).catch((thrown: unknown) => {
      signal.throwIfAborted();
      throw new ForeignMissing(`${command} cannot be started`, { cause: thrown });
    });
  };
  const overlay = await start('buildah', ['--storage-driver', 'overlay', 'info'], shortMs);
  const driver = overlay.code === 0 ? 'overlay' : 'vfs';
  const drivers = ['--storage-driver', driver];
  const isolated = ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs'];
  const checked = async (command: string, args: readonly string[], timeoutMs: number): Promise<string> => {
    const { code, stdout, stderr } = await start(command, args, timeoutMs);
    if (code === 0) return stdout.trim();
    throw new Error(`${command} ${args.slice(drivers.length).join(' ')}: exit code ${code}\n${stderr.slice(-2000)}`);
  };
  const engine: Engine = {
    driver,
    buildah: (args, timeoutMs = shortMs) => checked('buildah', [...drivers, ...args], timeoutMs),
    podman: (args, timeoutMs = shortMs) => checked('podman', [...drivers, ...isolated, ...args], timeoutMs),
    tryPodman: (args, timeoutMs = shortMs) => start('podman', [...drivers, ...isolated, ...args], timeoutMs),
    async healthy(container) {
      // podman's own way would give up after the image's time, which a busy machine may need to start the check alone.
      const told = await engine.podman([
        'container',
        'inspect',
        '--format',
        '{{json .Config.Healthcheck.Test}}',
        container,
      ]);
      const [, ...check] = JSON.parse(told) as string[];
      if (check.length === 0) throw new Error(`the image of ${container} has no check of its health`);
      for (let tries = 0; (await engine.tryPodman(['exec', container, ...check])).code !== 0; tries++) {
        const status = await engine.podman(['container', 'inspect', '--format', '{{.State.Status}}', container]);
        const { stdout, stderr } = await engine.tryPodman(['logs', container]);
        if (status !== 'running' || tries === healthTries)
          throw new Error(`${container} is ${status}, not healthy:\n${`${stdout}${stderr}`.slice(-2000)}`);
        await delay(1000);
      }
    },
    async remove() {
      removing = true;
      await engine.tryPodman(['rm', '--all', '--force', '--time', '0']);
      await start('buildah', [...drivers, 'rm', '--all'], shortMs);
      await runClient({ command: 'umount', args: [join(storage, driver)], timeoutMs: shortMs });
      for (const each of [storage, run]) await rm(each, { recursive: true, force: true });
    },
  };
  return engine;
}
