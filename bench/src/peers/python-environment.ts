// A Python environment of its own for each server that is written in Python: made once in the bench's cache folder, which git
// ignores, with exactly the versions that are asked for, and found again by the next run.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PeerMissing } from './peer.ts';

export interface PythonEnvironment {
  /** The interpreter that has the packages. */
  readonly python: string;
  /** Installed version of each package whose name was asked for. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface WantedEnvironment {
  readonly name: string;
  /** As in a requirements file: `numpy==2.1.0`. */
  readonly requirements: readonly string[];
  /** Packages whose versions are to be told. */
  readonly tell: readonly string[];
  readonly progress: (line: string) => void;
}

const run = promisify(execFile);
const cacheFolder = fileURLToPath(new URL('../../.cache/peers/', import.meta.url));
const installTimeoutMs = 15 * 60_000;
const oldestMinor = 11;

/** Throws PeerMissing, saying what cannot be had. */
export async function pythonEnvironment(wanted: WantedEnvironment): Promise<PythonEnvironment> {
  const { name, requirements, tell, progress } = wanted;
  const version = await pythonVersion();
  const digest = createHash('sha256')
    .update([version, ...requirements].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cacheFolder, `${name}-${digest}`);
  const python = join(folder, 'bin', 'python');
  const finished = join(folder, 'installed');
  if ((await readFile(finished, 'utf8').catch(() => '')) === '') {
    progress(`installing ${requirements.join(', ')} (${version}) into ${folder}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(cacheFolder, { recursive: true });
    await step('python3 -m venv', 'python3', ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--quiet'];
    await step(`pip install ${requirements.join(' ')}`, python, [...pip, ...requirements]);
    await writeFile(finished, `${requirements.join('\n')}\n`);
  }
  const ask = 'import sys, json, importlib.metadata as m; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))';
  const { stdout } = await step('reading the versions', python, ['-c', ask, ...tell]);
  return { python, versions: { Python: version, ...(JSON.parse(stdout) as Record<string, string>) } };
}

async function pythonVersion(): Promise<string> {
  const { stdout } = await step('python3', 'python3', ['-c', 'import platform; print(platform.python_version())']);
  const version = stdout.trim();
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major !== 3 || minor < oldestMinor)
    throw new PeerMissing(`python3 is ${version}; 3.${oldestMinor} or later is needed`);
  return version;
}

async function step(what: string, command: string, args: readonly string[]): Promise<{ stdout: string }> {
  try {
    return await run(command, [...args], { timeout: installTimeoutMs, maxBuffer: 1 << 24 });
  } catch (thrown) {
    const { message, stderr = '' } = thrown as Error & { stderr?: string };
    const last = (stderr.trim() || message).split('\n').slice(-3).join(' ');
    throw new PeerMissing(`${what} failed: ${last}`, { cause: thrown });
  }
}
