// Provides the nats-server that the tests of the event log start, where none is on PATH.
//
// Debian's package is taken apart into .cache/ instead of being installed: that needs no root, and starts no daemon at the
// port that a developer's own server may use. Where it cannot be had the run goes on, loudly, and those tests are skipped;
// with WEFT_REQUIRE_NATS=1, as .ci/run sets it, the run fails.

import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './projects.mjs';
import { runCommand } from './run-command.mjs';

const folder = join(repositoryRoot, '.cache/nats-server');
const unpacked = join(folder, 'usr/sbin/nats-server');

async function versionOf(command) {
  try {
    const { code, output } = await runCommand(command, ['--version']);
    return code === 0 ? output.trim() : undefined;
  } catch {
    // It is not there, or not for this machine.
    return undefined;
  }
}

/** Lists of packages of our own, for machines whose lists are missing or old. */
async function updatedLists() {
  const state = join(folder, 'apt');
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(state, part), { recursive: true });
  const options = ['-o', `Dir::State::lists=${state}/lists`, '-o', `Dir::Cache=${state}/cache`];
  await runCommand('apt-get', [...options, 'update']);
  return options;
}

async function unpack() {
  mkdirSync(folder, { recursive: true });
  const download = async (options) =>
    await runCommand('apt-get', [...options, 'download', 'nats-server'], { cwd: folder });
  let downloaded = await download([]);
  if (downloaded.code !== 0) downloaded = await download(await updatedLists());
  const archive = readdirSync(folder).find((file) => file.endsWith('.deb'));
  if (archive === undefined) return downloaded.output.trimEnd();
  const { output } = await runCommand('dpkg-deb', ['-x', join(folder, archive), folder]);
  for (const left of [archive, 'apt']) rmSync(join(folder, left), { recursive: true, force: true });
  return output.trimEnd();
}

/** Resolves with `{version, line}`: what is there now, undefined for nothing, and a line for the log. Never rejects. */
export async function provideNatsServer() {
  const missing = (why) => ({ version: undefined, line: `MISSING (${why}): the tests that need it are skipped` });
  try {
    const present = (await versionOf('nats-server')) ?? (await versionOf(unpacked));
    if (present !== undefined) return { version: present, line: present };
    if (!existsSync('/usr/bin/apt-get')) return missing('not on PATH, and no apt-get here');
    const output = await unpack();
    const version = await versionOf(unpacked);
    return version === undefined ? missing(`apt-get gave none\n${output}`) : { version, line: `${version}, unpacked` };
  } catch (error) {
    return missing(error.message);
  }
}
