// The rules on what a package says about its imports: package.json lists exactly what src/ imports (devDependencies:
// what only tests do), and tsconfig.json references exactly the workspaces that it imports.
//
// Three things count as used though no import names them: a package that a default model lies in (`npm:` sources), an
// optional peer, and a package that an imported one asks for as its peer.

import { posix } from 'node:path';
import { byName, finding, modulesOf } from './packages.mjs';

const unique = (names) => [...new Set(names)].sort();

function namesUsed({ manifest, sources, modelPackages }) {
  const namesIn = (files) =>
    files.flatMap(({ modules, packageFiles }) => [
      ...modules.flatMap(({ packageName }) => packageName ?? []),
      ...packageFiles,
    ]);
  const isForeign = (name) => name !== manifest?.name;
  const inSource = unique([...namesIn(sources.filter(({ isTest }) => !isTest)), ...modelPackages]).filter(isForeign);
  const inTests = unique(namesIn(sources.filter(({ isTest }) => isTest))).filter(isForeign);
  return { inSource, inTestsOnly: inTests.filter((name) => !inSource.includes(name)) };
}

const isTypesOf = (name, used) =>
  name.startsWith('@types/') && [...used, 'node'].includes(name.slice('@types/'.length));

function checkManifest(each, { rootManifest, readManifest }) {
  const { manifest, manifestFile } = each;
  const { inSource, inTestsOnly } = namesUsed(each);
  const [listed, peers, dev] = ['dependencies', 'peerDependencies', 'devDependencies'].map((field) =>
    Object.keys(manifest[field] ?? {}),
  );
  const rootDev = Object.keys(rootManifest.devDependencies ?? {});
  const askedFor = inSource.flatMap((name) => Object.keys(readManifest(name)?.peerDependencies ?? {}));
  const say = (what, mend) => finding(manifestFile, what, mend);

  const missing = inSource.filter((name) => ![...listed, ...peers].includes(name));
  const missingInTests = inTestsOnly.filter((name) => ![...listed, ...peers, ...dev, ...rootDev].includes(name));
  const testOnly = listed.filter((name) => inTestsOnly.includes(name) && !askedFor.includes(name));
  const unused = listed.filter((name) => ![...inSource, ...inTestsOnly, ...askedFor].includes(name));
  const notOnlyDev = dev.filter((name) => inSource.includes(name));
  const unusedDev = dev.filter(
    (name) => ![...inSource, ...inTestsOnly].includes(name) && !isTypesOf(name, [...inSource, ...inTestsOnly]),
  );
  return [
    ...missing.map((name) => say(`does not list ${name}, which src/ uses`, 'add it to dependencies')),
    ...missingInTests.map((name) => say(`does not list ${name}, which tests use`, 'add it to devDependencies')),
    ...testOnly.map((name) =>
      say(`lists ${name} in dependencies, but only tests use it`, 'move it to devDependencies'),
    ),
    ...unused.map((name) => say(`lists ${name}, which nothing uses`, 'remove it from dependencies')),
    ...notOnlyDev.map((name) => say(`lists ${name} in devDependencies, but src/ uses it`, 'move it to dependencies')),
    ...unusedDev.map((name) => say(`lists ${name}, which no test uses`, 'remove it from devDependencies')),
  ];
}

/** A folder without a manifest of its own (test/) lives off the root's; workspaces are linked for it anyway. */
function checkAgainstRoot(each, { rootManifest, packageNames }) {
  const { inSource, inTestsOnly } = namesUsed(each);
  const available = [...Object.keys(rootManifest.devDependencies ?? {}), ...packageNames];
  return [...inSource, ...inTestsOnly]
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
