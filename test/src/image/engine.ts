// buildah and podman without a daemon, with storage of their own in one folder that goes with them: images of this machine's user
// are neither seen nor touched. Both need root here, as a base system is made with debootstrap.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
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
  /** Ends what runs, and removes the storage. */
  remove(): Promise<void>;
}

const shortMs = 120_000;

/** Throws ForeignMissing where there is no buildah or podman, or this is not root. */
export async function openEngine(folder: string): Promise<Engine> {
  if (process.getuid?.() !== 0) throw new ForeignMissing('building images without an engine needs root here');
  const storage = join(folder, 'storage');
  const run = join(folder, 'run');
  const place = ['--root', storage, '--runroot', run];
  const start = (command: string, args: readonly string[], timeoutMs: number): Promise<ClientOutput> =>
    runClient({ command, args: [...place, ...args], timeoutMs }).catch((thrown: unknown) => {
      throw new ForeignMissing(`${command} cannot be started`, { cause: thrown });
    });
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
    async remove() {
      await engine.tryPodman(['rm', '--all', '--force', '--time', '0']);
      await start('buildah', [...drivers, 'rm', '--all'], shortMs);
      await runClient({ command: 'umount', args: [join(storage, driver)], timeoutMs: shortMs });
      for (const each of [storage, run]) await rm(each, { recursive: true, force: true });
    },
  };
  return engine;
}
