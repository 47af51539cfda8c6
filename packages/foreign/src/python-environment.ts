// Python packages for programs that are not ours: an environment of its own for each, made once in a cache folder that git
// ignores, with exactly the versions that are asked for, and found again by the next run.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ForeignMissing } from './foreign-missing.ts';
import { installStep } from './install-step.ts';

export interface PythonEnvironment {
  /** The interpreter that has the packages. */
  readonly python: string;
  /** Where the packages' programs are. */
  readonly programs: string;
  /** Installed version of each package whose name was asked for. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface WantedEnvironment {
  readonly name: string;
  /** As in a requirements file: `numpy==2.1.0`. */
  readonly requirements: readonly string[];
  /** Packages whose versions are to be told. */
  readonly tell: readonly string[];
  readonly cacheFolder: string;
  readonly progress: (line: string) => void;
}

const oldestMinor = 11;
const quietly = ['--disable-pip-version-check', '--no-input', '--quiet'];

/** Throws ForeignMissing, saying what cannot be had. */
export async function pythonEnvironment(wanted: WantedEnvironment): Promise<PythonEnvironment> {
  const { name, requirements, tell, cacheFolder, progress } = wanted;
  const version = await pythonVersion();
  const digest = createHash('sha256')
    .update([version, ...requirements].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cacheFolder, `${name}-${digest}`);
  const programs = join(folder, 'bin');
  const python = join(programs, 'python');
  const finished = join(folder, 'installed');
  if ((await readFile(finished, 'utf8').catch(() => '')) === '') {
    progress(`installing ${requirements.join(', ')} (${version}) into ${folder}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(cacheFolder, { recursive: true });
    await installStep({ what: 'python3 -m venv', command: 'python3', args: ['-m', 'venv', folder] });
    const what = `pip install ${requirements.join(' ')}`;
    await installStep({ what, command: python, args: ['-m', 'pip', 'install', ...quietly, ...requirements] });
    await writeFile(finished, `${requirements.join('\n')}\n`);
  }
  const ask = 'import sys, json, importlib.metadata as m; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))';
  const told = await installStep({ what: 'reading the versions', command: python, args: ['-c', ask, ...tell] });
  return { python, programs, versions: { Python: version, ...(JSON.parse(told) as Record<string, string>) } };
}

export interface WantedWheel {
  /** As in a requirements file. */
  readonly requirement: string;
  /** That of the wheel, which need not be this machine's: `manylinux_2_38_x86_64`. */
  readonly platform: string;
  readonly cacheFolder: string;
  readonly progress: (line: string) => void;
}

/** The folder that has the files of a wheel which pip would not install here. Throws ForeignMissing. */
export async function downloadWheel({ requirement, platform, cacheFolder, progress }: WantedWheel): Promise<string> {
  const folder = join(cacheFolder, `${requirement}-${platform}`.replaceAll('==', '-'));
  const finished = join(folder, 'unpacked');
  if ((await readFile(finished, 'utf8').catch(() => '')) !== '') return folder;
  await pythonVersion();
  progress(`fetching ${requirement} for ${platform} into ${folder}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const wanted = ['--no-deps', '--only-binary=:all:', '--platform', platform, '--dest', folder, requirement];
  const args = ['-m', 'pip', 'download', ...quietly, ...wanted];
  await installStep({ what: `pip download ${requirement}`, command: 'python3', args });
  const wheel = (await readdir(folder)).find((file) => file.endsWith('.whl'));
  if (wheel === undefined) throw new ForeignMissing(`pip gave no wheel of ${requirement}`);
  const unpack = ['-m', 'zipfile', '-e', join(folder, wheel), folder];
  await installStep({ what: `unpacking ${wheel}`, command: 'python3', args: unpack });
  await writeFile(finished, `${wheel}\n`);
  return folder;
}

async function pythonVersion(): Promise<string> {
  const print = 'import platform; print(platform.python_version())';
  const version = (await installStep({ what: 'python3', command: 'python3', args: ['-c', print] })).trim();
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major !== 3 || minor < oldestMinor)
    throw new ForeignMissing(`python3 is ${version}; 3.${oldestMinor} or later is needed`);
  return version;
}
