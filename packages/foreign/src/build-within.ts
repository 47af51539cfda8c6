// A Go program out of a module that `go install` refuses, because its go.mod replaces other modules by folders of its repository:
// it is built from a module of our own, which replaces them by what was published.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { installStep } from './install-step.ts';

/** An API server is two thousand packages. */
const buildTimeoutMs = 90 * 60_000;

export interface OwnBuild {
  /** The module that holds the package. */
  readonly module: string;
  /** The version that the replaced modules were published as; absent: the one that go.mod requires. */
  readonly replacedVersion?: string;
}

/** Throws ForeignMissing, saying what failed. */
export async function buildWithin(
  build: OwnBuild & { readonly go: string; readonly path: string; readonly version: string; readonly command: string },
): Promise<void> {
  const { go, module, version, replacedVersion, path, command } = build;
  const folder = join(dirname(command), 'module');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const step = (what: string, ...args: readonly string[]): Promise<string> => {
    const env = ['CGO_ENABLED=0', 'GOFLAGS=-mod=mod -buildvcs=false'];
    return installStep({ what, command: 'env', args: ['-C', folder, ...env, go, ...args], timeoutMs: buildTimeoutMs });
  };
  const { GoMod: file } = await moduleFiles(go, `${module}@${version}`);
  const replaced = replacedVersion === undefined ? [] : replacedModules(await readFile(file, 'utf8'));
  await step('go mod init', 'mod', 'init', 'weft.local/build');
  const replacements = replaced.map((name) => `-replace=${name}=${name}@${replacedVersion}`);
  await step('go mod edit', 'mod', 'edit', `-require=${module}@${version}`, ...replacements);
  await step(`go build ${path}`, 'build', '-trimpath', '-ldflags=-s -w', '-o', command, path);
}

/** Where Go has put a module: its go.mod, and the folder of its files. */
export async function moduleFiles(
  go: string,
  module: string,
): Promise<{ readonly GoMod: string; readonly Dir: string }> {
  const told = await installStep({
    what: `go mod download ${module}`,
    command: go,
    args: ['mod', 'download', '-json', module],
  });
  return JSON.parse(told) as { GoMod: string; Dir: string };
}

function replacedModules(goMod: string): string[] {
  return [...goMod.matchAll(/^\s*(?:replace\s+)?(\S+)\s+=>\s+\.\.?\//gm)].map(([, name]) => String(name));
}
