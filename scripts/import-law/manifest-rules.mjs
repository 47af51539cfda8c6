// The rules on what a package says about its imports: package.json lists exactly what src/ imports (devDependencies:
// what only tests do), and tsconfig.json references exactly the workspaces that it imports.
//
// A package that a default model lies in (`npm:` sources) counts as imported. One that is only mentioned in a string (a
// dynamic import, a file that is looked up in it) or that an imported one asks for as its peer may be listed, or not.

import { posix } from 'node:path';
import { byName, finding, modulesOf } from './packages.mjs';

const unique = (names) => [...new Set(names)].sort();

/** What src/ imports and mentions, and what tests do. */
function namesUsed({ manifest, sources, modelPackages }) {
  const inFiles = (isTest) => {
    const files = sources.filter((source) => source.isTest === isTest);
    const imported = files.flatMap(({ modules }) => modules.flatMap(({ packageName }) => packageName ?? []));
    return { imported, mentioned: files.flatMap(({ mentions }) => mentions) };
  };
  const [source, tests] = [inFiles(false), inFiles(true)];
  const isForeign = (name) => name !== manifest?.name;
  const imported = unique([...source.imported, ...modelPackages]).filter(isForeign);
  const importedByTests = unique(tests.imported).filter((name) => isForeign(name) && !imported.includes(name));
  return { imported, importedByTests, mentioned: source.mentioned, mentionedByTests: tests.mentioned };
}

function checkManifest(each, { rootManifest, readManifest }) {
  const { manifest, manifestFile } = each;
  const { imported, importedByTests, mentioned, mentionedByTests } = namesUsed(each);
  const [listed, peers, dev] = ['dependencies', 'peerDependencies', 'devDependencies'].map((field) =>
    Object.keys(manifest[field] ?? {}),
  );
  const rootDev = Object.keys(rootManifest.devDependencies ?? {});
  const askedFor = imported.flatMap((name) => Object.keys(readManifest(name)?.peerDependencies ?? {}));
  const usedBySource = [...imported, ...mentioned, ...askedFor];
  const usedByTests = [...importedByTests, ...mentionedByTests];
  const typed = [...imported, ...importedByTests, 'node'].map((name) => `@types/${name}`);

  const without = (names, ...others) => names.filter((name) => !others.flat().includes(name));
  const findings = (names, what, mend) => names.map((name) => finding(manifestFile, what(name), mend));
  return [
    ...findings(
      without(imported, listed, peers),
      (name) => `does not list ${name}, which src/ or a default model uses`,
      'add it to dependencies',
    ),
    ...findings(
      without(importedByTests, listed, peers, dev, rootDev),
      (name) => `does not list ${name}, which tests use`,
      'add it to devDependencies',
    ),
    ...findings(
      without(listed, usedBySource).filter((name) => usedByTests.includes(name)),
      (name) => `lists ${name} in dependencies, but only tests use it`,
      'move it to devDependencies',
    ),
    ...findings(
      without(listed, usedBySource, usedByTests, typed),
      (name) => `lists ${name}, which nothing uses`,
      'remove it from dependencies',
    ),
    ...findings(
      dev.filter((name) => imported.includes(name)),
      (name) => `lists ${name} in devDependencies, but src/ uses it`,
      'move it to dependencies',
    ),
    ...findings(
      without(dev, usedByTests, imported, typed),
      (name) => `lists ${name}, which no test uses`,
      'remove it from devDependencies',
    ),
  ];
}

/** A folder without a manifest of its own (test/) lives off the root's; workspaces are linked for it anyway. */
function checkAgainstRoot(each, { rootManifest, packageNames }) {
  const { imported, importedByTests } = namesUsed(each);
  const available = [...Object.keys(rootManifest.devDependencies ?? {}), ...packageNames];
  return [...imported, ...importedByTests]
    .filter((name) => !available.includes(name))
    .map((name) =>
      finding('package.json', `does not list ${name}, which ${each.dir}/ uses`, 'add it to devDependencies'),
    );
}

export function manifestsListWhatIsImported(packages, context) {
  const packageNames = [...byName(packages).keys()];
  return packages.flatMap((each) =>
    each.manifest ? checkManifest(each, context) : checkAgainstRoot(each, { ...context, packageNames }),
  );
}

export function referencesMatchImports(packages, { rootReferences }) {
  const names = byName(packages);
  return packages.flatMap((each) => {
    const where = `${each.dir}/tsconfig.json`;
    const imported = unique(modulesOf(each).flatMap(({ packageName }) => names.get(packageName)?.dir ?? [])).filter(
      (dir) => dir !== each.dir,
    );
    const entry = (dir) => `{ "path": "${posix.relative(each.dir, dir)}" }`;
    const missing = imported.filter((dir) => !each.references.includes(dir));
    const unused = each.references.filter((dir) => !imported.includes(dir));
    return [
      ...missing.map((dir) => finding(where, `has no reference to ${dir}, which it imports`, `add ${entry(dir)}`)),
      ...unused.map((dir) => finding(where, `references ${dir}, which it does not import`, `remove ${entry(dir)}`)),
      ...(rootReferences.includes(each.dir)
        ? []
        : [finding('tsconfig.json', `has no reference to ${each.dir}`, `add { "path": "${each.dir}" }`)]),
    ];
  });
}
