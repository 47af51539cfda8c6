// Builds an image as docs/deploy.md says, with the stand-ins for its base images.
import { output } from '../conformance/run-client.ts';
import { dockerfileOf, type Flavour, root } from './dockerfiles.ts';
import type { PlayedDownloads } from './played-downloads.ts';
import { standInsFor, type StandInPlace } from './stand-ins.ts';

export interface BuiltImage {
  readonly name: string;
  /** Of its configuration, which names its layers: equal for images that are equal to the byte. */
  readonly id: string;
  readonly bytes: number;
  /** Of the base image in it. */
  readonly baseBytes: number;
}

export interface BuildOptions extends StandInPlace {
  readonly downloads: PlayedDownloads;
  readonly tag?: string;
  /** Without what earlier builds left. */
  readonly anew?: boolean;
}

const buildMs = 20 * 60_000;

export async function buildImage(
  flavour: Flavour,
  { tag = flavour, anew = false, downloads, ...place }: BuildOptions,
): Promise<BuiltImage> {
  const { engine, progress } = place;
  const { node, runtime } = await standInsFor(flavour, place);
  const time = (await git('log', '-1', '--format=%ct')).trim();
  const name = `localhost/weft:${tag}`;
  progress(`building ${dockerfileOf(flavour)}`);
  const values = {
    NODE_IMAGE: node,
    RUNTIME_IMAGE: runtime,
    SOURCE_DATE_EPOCH: time,
    REVISION: (await git('rev-parse', 'HEAD')).trim(),
  };
  const build = [
    ...['bud', '--isolation', 'chroot', '--format', 'docker', '--pull-never', '--timestamp', time],
    anew ? '--no-cache' : '--layers',
    ...downloads.options,
    ...Object.entries(values).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]),
    ...['--file', dockerfileOf(flavour), '--tag', name, root],
  ];
  await engine.buildah(build, buildMs);
  const [{ Id: id = '', Size: bytes = 0 } = {}] = await inspect(place, name);
  const [{ Size: baseBytes = 0 } = {}] = await inspect(place, runtime);
  return { name, id, bytes, baseBytes };
}

async function inspect({ engine }: StandInPlace, name: string): Promise<{ Id?: string; Size?: number }[]> {
  return JSON.parse(await engine.podman(['image', 'inspect', name])) as { Id?: string; Size?: number }[];
}

const git = (...args: string[]): Promise<string> => output({ command: 'git', args, timeoutMs: 30_000, cwd: root });
