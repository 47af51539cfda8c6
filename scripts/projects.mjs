// The TypeScript projects of the repository: the folders that the root tsconfig.json references.
//
// One list for everything that walks the tree (build, tests, import law), so that a new service needs to be named in one
// place only.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = fileURLToPath(new URL('..', import.meta.url));

/** Paths are relative to the root and use `/` on every system. */
export const toPosix = (path) => path.split(sep).join('/');

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** `{dir, sourceDir, outputDir}` of the project in a folder. */
export function readProject(path, root = repositoryRoot) {
  const { compilerOptions = {} } = readJson(join(root, path, 'tsconfig.json'));
  const inside = (folder) => toPosix(join(path, folder));
  return {
    dir: toPosix(join(path)),
    sourceDir: inside(compilerOptions.rootDir ?? 'src'),
    outputDir: inside(compilerOptions.outDir ?? 'dist'),
  };
}

/** All projects, in the order of the root tsconfig.json. */
export const listProjects = (root = repositoryRoot) =>
  (readJson(join(root, 'tsconfig.json')).references ?? []).map(({ path }) => readProject(path, root));

/** The TypeScript sources of a project, declarations left out. */
export const listSources = ({ sourceDir, outputDir }, root = repositoryRoot) =>
  listFiles(sourceDir, root).filter(
    (file) =>
      file.endsWith('.ts') &&
      !file.endsWith('.d.ts') &&
      !file.startsWith(`${outputDir}/`) &&
      !file.includes('node_modules/'),
  );

/** Every file below `dir`, relative to the root, sorted; an absent folder has none. */
export function listFiles(dir, root = repositoryRoot) {
  const base = join(root, dir);
  if (!existsSync(base)) return [];
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => toPosix(relative(root, join(entry.parentPath ?? entry.path, entry.name))))
    .sort();
}
