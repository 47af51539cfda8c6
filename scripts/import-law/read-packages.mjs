// Reads every workspace once: its manifest, its compiler references and what each of its source files imports.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { listFiles, listSources, readProject } from '../projects.mjs';
import { packageOf, readImports } from './read-imports.mjs';

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

function readSource(file, root, isTest) {
  const { imports, mentions, environmentLines } = readImports(file, readFileSync(join(root, file), 'utf8'));
  const modules = imports.map(({ specifier, line }) => {
    if (/^\.{1,2}(\/|$)/.test(specifier)) return { specifier, line, path: posix.join(posix.dirname(file), specifier) };
    return isBuiltin(specifier) ? { specifier, line } : { specifier, line, packageName: packageOf(specifier) };
  });
  return { file, isTest, modules, mentions, environmentLines };
}

const packagesNamedIn = (text) => [...text.matchAll(/\bnpm:((?:@[^/\s"]+\/)?[^/\s"]+)/g)].map((match) => match[1]);

/** The npm packages that the default models of a service lie in (`npm:package/path`, the scheme of model sources). */
function readModelPackages(dir, root) {
  const [group, service] = dir.split('/');
  if (group !== 'services') return [];
  return listFiles(`models/${service}`, root)
    .filter((file) => /\.(json|pbtxt)$/.test(file))
    .flatMap((file) => packagesNamedIn(readFileSync(join(root, file), 'utf8')));
}

/** Found on the disk, not in the root tsconfig.json: a project that is missing there is a finding. */
function listPackageFolders(root) {
  const inside = (group) =>
    existsSync(join(root, group)) ? readdirSync(join(root, group)).map((name) => `${group}/${name}`) : [];
  return [...inside('packages'), ...inside('services'), 'bench', 'test']
    .filter((dir) => existsSync(join(root, dir, 'tsconfig.json')))
    .sort();
}

/** In test/ everything is a test: there the two kinds of files, and of dependencies, are not told apart. */
const isTestFile = (file) => !file.startsWith('test/') && /\.test\.ts$|\/testing\//.test(file);

function readManifest(file, root) {
  if (!existsSync(join(root, file))) return undefined;
  const manifest = readJson(join(root, file));
  if (!file.startsWith('test/')) return manifest;
  const { dependencies, devDependencies, ...rest } = manifest;
  return { ...rest, dependencies: { ...dependencies, ...devDependencies } };
}

export function readPackages(root) {
  return listPackageFolders(root).map((dir) => {
    const manifestFile = `${dir}/package.json`;
    const { references = [] } = readJson(join(root, dir, 'tsconfig.json'));
    return {
      dir,
      manifestFile,
      manifest: readManifest(manifestFile, root),
      references: references.map(({ path }) => posix.join(dir, path)),
      modelPackages: readModelPackages(dir, root),
      sources: listSources(readProject(dir, root), root).map((file) => readSource(file, root, isTestFile(file))),
    };
  });
}
