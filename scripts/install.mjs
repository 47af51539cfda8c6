// Installs the dependencies when, and only when, node_modules is not what package-lock.json asks for.
//
// The comparison reads the lock file that npm leaves inside node_modules at the end of an install, so a hand-run
// `npm install` counts, an interrupted one does not, and a second start costs milliseconds. What that file does not
// know is kept in a stamp beside it: the platform, Node's major version, and the manifests as they were installed.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { adviseOnInstallFailure } from './install-advice.mjs';
import { CommandError, lastLines, runCommand, runNode } from './run-command.mjs';

const stampFile = 'node_modules/.weft-stamp';
const dependencyFields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
const platform = `${process.platform}-${process.arch}-node${process.versions.node.split('.')[0]}`;

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const isWorkspace = (path) => !path.includes('node_modules/');

/** A hand-run install leaves no stamp and counts as made here; an unreadable stamp counts as made elsewhere. */
function readStamp(file) {
  if (!existsSync(file)) return { platform };
  try {
    return readJson(file);
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** What every workspace's package.json asks for, by folder. */
function readManifests(root, lock) {
  const folders = Object.keys(lock).filter(isWorkspace);
  return folders.map((folder) => {
    const file = join(root, folder, 'package.json');
    const manifest = existsSync(file) ? readJson(file) : {};
    return { folder, wanted: dependencyFields.map((field) => manifest[field] ?? {}) };
  });
}

const stampOf = (lock, manifests) => ({
  platform,
  fingerprint: createHash('sha256')
    .update(JSON.stringify([lock, manifests]))
    .digest('hex'),
});

/** Whether npm must have installed this entry here. An optional one may be missing unless it names this very system. */
const isRequired = ({ optional, os, cpu, libc }) =>
  !optional || (!libc && Boolean(os?.includes(process.platform) && cpu?.includes(process.arch)));

function findDifference(root, lock, present) {
  for (const [path, entry] of Object.entries(lock)) {
    if (isWorkspace(path)) continue;
    const found = present[path];
    if (!found && !isRequired(entry)) continue;
    if (!found || !existsSync(join(root, path))) return `${path} is missing`;
    if (found.version !== entry.version || found.integrity !== entry.integrity) return `${path} has another version`;
  }
  return undefined;
}

/** Says why an install is needed, or returns undefined when node_modules is current. */
export function reasonToInstall(root) {
  const at = (path) => join(root, path);
  if (!existsSync(at('package-lock.json'))) return 'package-lock.json is missing';
  if (!existsSync(at('node_modules/.package-lock.json'))) return 'nothing is installed';

  const lock = readJson(at('package-lock.json')).packages;
  const difference = findDifference(root, lock, readJson(at('node_modules/.package-lock.json')).packages);
  if (difference) return difference;

  const manifests = readManifests(root, lock);
  const stamp = readStamp(at(stampFile));
  if (stamp.platform !== platform) return 'Node or the platform changed';
  if (stamp.fingerprint === stampOf(lock, manifests).fingerprint) return undefined;
  const changed = manifests.find(
    ({ folder, wanted }) =>
      !isDeepStrictEqual(
        wanted,
        dependencyFields.map((field) => lock[folder][field] ?? {}),
      ),
  );
  return changed ? `${join(changed.folder, 'package.json')} asks for other dependencies` : undefined;
}

/** npm as it was started for us, or the one on PATH; Windows needs a shell to start that one. */
function runNpm(args, options) {
  const npmScript = process.env.npm_execpath;
  if (npmScript && /npm-cli\.c?js$/.test(npmScript)) return runNode([npmScript, ...args], options);
  return runCommand('npm', args, { ...options, shell: process.platform === 'win32' });
}

/** Runs `npm ci`. The variable keeps onnxruntime-node from downloading GPU libraries where install scripts do run. */
export async function install(root) {
  const { code, output } = await runNpm(['ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: root,
    env: { ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  if (code !== 0) {
    throw new CommandError('npm ci failed', { output: lastLines(output, 25), advice: adviseOnInstallFailure(output) });
  }
  const lock = readJson(join(root, 'package-lock.json')).packages;
  writeFileSync(join(root, stampFile), JSON.stringify(stampOf(lock, readManifests(root, lock))));
  return /added \d+ packages/.exec(output)?.[0] ?? 'installed';
}
