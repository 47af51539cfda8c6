// What stands in for the Dockerfiles' base images where no image registry can be reached: a Debian that debootstrap makes out of this
// machine's archive, and in it the very version of Node that the Dockerfile names, from npm. NVIDIA's images are played by a Debian
// whose C library is not newer than theirs, without CUDA.
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ForeignMissing, installStep } from '@weft/foreign';
import { baseImages, type Flavour, root } from './dockerfiles.ts';
import type { Engine } from './engine.ts';

export interface StandIns {
  readonly node: string;
  readonly runtime: string;
}

export interface StandInPlace {
  readonly engine: Engine;
  readonly progress: (line: string) => void;
}

/** Node's own images carry it. */
const npmVersion = '10.9.9';
const cacheFolder = join(root, '.cache/image');
const certificates = '/etc/ssl/certs/ca-certificates.crt';
/** As in the Debian that is called slim. */
const leftOut = ['usr/share/doc', 'usr/share/man', 'usr/share/info', 'usr/share/locale', 'var/lib/apt/lists'];

/** Makes those that are not there yet. Throws ForeignMissing where a part cannot be had. */
export async function standInsFor(flavour: Flavour, place: StandInPlace): Promise<StandIns> {
  const { node, runtime } = baseImages(flavour);
  const version = /\/node:(\d+\.\d+\.\d+)-bookworm-slim/.exec(node)?.[1];
  if (version === undefined) throw new ForeignMissing(`no stand-in is known for ${node}`);
  return { node: await nodeImage(version, place), runtime: await debianImage(suiteFor(runtime), place) };
}

/** With the same C library, or an older one: what runs there runs on the real one. */
function suiteFor(image: string): string {
  if (/debian:bookworm|ubuntu24\.04/.test(image)) return 'bookworm';
  if (/ubuntu20\.04/.test(image)) return 'bullseye';
  throw new ForeignMissing(`no stand-in is known for ${image}`);
}

async function debianImage(suite: string, { engine, progress }: StandInPlace): Promise<string> {
  const name = `localhost/stand-in/debian:${suite}`;
  if (await exists(engine, name)) return name;
  const files = join(cacheFolder, suite);
  if (!existsSync(files)) {
    progress(`making a Debian ${suite} in ${files}`);
    const made = `${files}.part`;
    await rm(made, { recursive: true, force: true });
    await mkdir(cacheFolder, { recursive: true });
    await installStep({ what: 'debootstrap', command: 'debootstrap', args: ['--variant=minbase', suite, made] });
    await rm(join(made, 'var/cache/apt'), { recursive: true, force: true });
    for (const folder of leftOut) {
      for (const entry of await readdir(join(made, folder))) await rm(join(made, folder, entry), { recursive: true });
    }
    await rename(made, files);
  }
  const container = await engine.buildah(['from', 'scratch']);
  await engine.buildah(['add', '--quiet', container, files, '/']);
  await engine.buildah(['config', '--cmd', 'bash', container]);
  await engine.buildah(['commit', '--quiet', '--rm', container, name]);
  return name;
}

async function nodeImage(version: string, place: StandInPlace): Promise<string> {
  const { engine, progress } = place;
  const name = `localhost/stand-in/node:${version}`;
  if (await exists(engine, name)) return name;
  const base = await debianImage('bookworm', place);
  const files = join(cacheFolder, `node-${version}`);
  if (!existsSync(files)) {
    progress(`fetching Node ${version} into ${files}`);
    await layOutNode(version, files);
  }
  const container = await engine.buildah(['from', base]);
  await engine.buildah(['add', '--quiet', container, files, '/usr/local']);
  await engine.buildah(['config', '--env', `NODE_EXTRA_CA_CERTS=${certificates}`, container]);
  // For that of the machine to be mounted over.
  const empty = `${files}.crt`;
  await writeFile(empty, '');
  await engine.buildah(['add', '--quiet', container, empty, certificates]);
  await engine.buildah(['commit', '--quiet', '--rm', container, name]);
  return name;
}

/** As in Node's archives: bin, and npm in lib/node_modules. */
async function layOutNode(version: string, files: string): Promise<void> {
  const platform = `node-linux-${process.arch}`;
  const fetched = `${files}.npm`;
  const made = `${files}.part`;
  for (const folder of [fetched, made]) await rm(folder, { recursive: true, force: true });
  const wanted = [`${platform}@${version}`, `npm@${npmVersion}`];
  const args = ['install', '--prefix', fetched, '--ignore-scripts', '--no-save', ...wanted];
  await installStep({ what: `npm install ${wanted.join(' ')}`, command: 'npm', args });
  await mkdir(join(made, 'bin'), { recursive: true });
  await mkdir(join(made, 'lib/node_modules'), { recursive: true });
  await cp(join(fetched, 'node_modules', platform, 'bin/node'), join(made, 'bin/node'));
  await cp(join(fetched, 'node_modules/npm'), join(made, 'lib/node_modules/npm'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(made, 'bin/npm'));
  await symlink('../lib/node_modules/npm/bin/npx-cli.js', join(made, 'bin/npx'));
  await rm(fetched, { recursive: true });
  await rename(made, files);
}

async function exists(engine: Engine, name: string): Promise<boolean> {
  return (await engine.tryPodman(['image', 'exists', name])).code === 0;
}
