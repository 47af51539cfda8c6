// Programs that were linked for a newer Linux than this one: Debian's current C and C++ libraries, unpacked into a cache folder
// and installed nowhere, and the loader that starts a program with them.
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ForeignMissing } from './foreign-missing.ts';
import { installStep } from './install-step.ts';

const suite = 'trixie';
const packages = ['libc6', 'libstdc++6', 'libgcc-s1'];
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

export interface NewerLibrariesOptions {
  /** A folder of libraries that come before them. */
  readonly before: string;
  readonly progress: (line: string) => void;
}

/** The words before a program's own path that start it with these libraries. Throws ForeignMissing. */
export async function newerLibraries(
  cacheFolder: string,
  { before, progress }: NewerLibrariesOptions,
): Promise<string[]> {
  const folder = join(cacheFolder, `libraries-${suite}`);
  const libraries = join(folder, 'usr/lib/x86_64-linux-gnu');
  const loader = join(libraries, 'ld-linux-x86-64.so.2');
  const finished = join(folder, 'unpacked');
  if (!existsSync(finished)) {
    if (process.arch !== 'x64' || !existsSync('/usr/bin/apt-get'))
      throw new ForeignMissing('newer libraries are known for Debian and its like on x64 only');
    progress(`fetching ${packages.join(', ')} of Debian ${suite} into ${folder}`);
    await rm(folder, { recursive: true, force: true });
    await unpackPackages(folder);
    await writeFile(finished, `${suite}\n`);
  }
  return [loader, '--library-path', `${before}:${libraries}:/usr/lib/x86_64-linux-gnu`];
}

/** With lists of packages of our own: those of the machine are left as they are. */
async function unpackPackages(folder: string): Promise<void> {
  const state = join(folder, 'apt');
  for (const part of ['lists/partial', 'cache/archives/partial']) await mkdir(join(state, part), { recursive: true });
  const sources = join(state, 'sources.list');
  await writeFile(sources, `deb [signed-by=${keyring}] ${await archive()} ${suite} main\n`);
  const options = {
    'Dir::State::lists': join(state, 'lists'),
    'Dir::Cache': join(state, 'cache'),
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '/dev/null',
  };
  const own = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const apt = async (...args: string[]) =>
    await installStep({ what: `apt-get ${args.join(' ')}`, command: 'apt-get', args: [...own, ...args], cwd: folder });
  await apt('update');
  await apt('download', ...packages);
  for (const file of (await readdir(folder)).filter((each) => each.endsWith('.deb'))) {
    await installStep({ what: `dpkg-deb -x ${file}`, command: 'dpkg-deb', args: ['-x', join(folder, file), folder] });
    await rm(join(folder, file));
  }
  await rm(state, { recursive: true });
}

/** Debian's archive that this machine uses. */
async function archive(): Promise<string> {
  const args = ['indextargets', '--format', '$(ORIGIN) $(REPO_URI)', 'Created-By: Packages', 'Component: main'];
  const told = await installStep({ what: 'apt-get indextargets', command: 'apt-get', args });
  const found = /^Debian (\S+\/debian\/?)$/m.exec(told)?.[1];
  if (found === undefined) throw new ForeignMissing("apt-get knows no archive of Debian's");
  return found;
}
