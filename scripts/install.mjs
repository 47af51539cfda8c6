// Installs the dependencies when, and only when, node_modules is not what package-lock.json asks for.
//
// The comparison reads the lock file that npm leaves inside node_modules at the end of an install, so a hand-run
// `npm install` counts, an interrupted one does not, and a second start costs milliseconds. What that file does not
// know, the platform and Node's major version, is kept in a stamp beside it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { adviseOnInstallFailure } from './install-advice.mjs';
import { CommandError, lastLines, runCommand, runNode } from './run-command.mjs';

const stampFile = 'node_modules/.weft-stamp';
const runtimeStamp = `${process.platform}-${process.arch}-node${process.versions.node.split('.')[0]}`;
const dependencyFields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Whether npm would install this entry here: optional entries name the systems that they are for. */
const isForThisMachine = (entry) =>
  !entry.optional ||
  ((entry.os?.includes(process.platform) ?? true) && (entry.cpu?.includes(process.arch) ?? true) && !entry.libc);

/** Says why an install is needed, or returns undefined when node_modules is current. */
export function reasonToInstall(root) {
  const at = (path) => join(root, path);
  if (!existsSync(at('package-lock.json'))) return 'package-lock.json is missing';
  if (!existsSync(at('node_modules/.package-lock.json'))) return 'nothing is installed';
  if (existsSync(at(stampFile)) && readFileSync(at(stampFile), 'utf8') !== runtimeStamp)
    return 'Node or the platform changed';

  const wanted = readJson(at('package-lock.json')).packages;
  const present = readJson(at('node_modules/.package-lock.json')).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes('node_modules/')) {
      const manifest = existsSync(at(join(path, 'package.json'))) ? readJson(at(join(path, 'package.json'))) : {};
      const changed = dependencyFields.some((field) => !isDeepStrictEqual(manifest[field] ?? {}, entry[field] ?? {}));
      if (changed) return `${path || 'package.json'} asks for other dependencies`;
      continue;
    }
    const found = present[path];
    if (!found && !isForThisMachine(entry)) continue;
    if (!found || !existsSync(at(path))) return `${path} is missing`;
    if (found.version !== entry.version || found.integrity !== entry.integrity) return `${path} has another version`;
  }
  return undefined;
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
  writeFileSync(join(root, stampFile), runtimeStamp);
  return /added \d+ packages/.exec(output)?.[0] ?? 'installed';
}
