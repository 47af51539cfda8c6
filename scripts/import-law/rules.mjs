// The rules on who imports what. Each takes all packages, as read-packages.mjs reads them, and lists
// findings (packages.mjs).

import { posix } from 'node:path';
import { findCycle } from './find-cycle.mjs';
import { objection, rankOf } from './layers.mjs';
import { byName, finding, modulesOf } from './packages.mjs';

export function everyPackageHasALayer(packages) {
  return packages
    .filter(({ dir }) => rankOf(dir) === undefined)
    .map(({ dir }) => finding(dir, 'stands in no layer', 'give it a place in scripts/import-law/layers.mjs'));
}

export function importsPointDown(packages) {
  const names = byName(packages);
  return packages.flatMap((each) =>
    modulesOf(each).flatMap(({ packageName, where }) => {
      const target = names.get(packageName);
      if (!target) return [];
      if (target === each)
        return [
          finding(
            where,
            `imports its own package by name, ${packageName}`,
            'import the file itself, by a relative path',
          ),
        ];
      const why = objection(each.dir, target.dir);
      return why
        ? [
            finding(
              where,
              `imports ${packageName}, but ${why}`,
              'move what is shared to a lower package, or pass it in as a parameter',
            ),
          ]
        : [];
    }),
  );
}

const matchesExport = (key, subpath) => {
  const [before, after] = key.split('*');
  return after === undefined
    ? key === subpath
    : subpath.startsWith(before) && subpath.endsWith(after) && subpath.length > before.length;
};

export function importsUseTheFrontDoor(packages) {
  const names = byName(packages);
  return packages.flatMap((each) =>
    modulesOf(each).flatMap(({ specifier, path, packageName, where }) => {
      if (path !== undefined) {
        return path.startsWith(`${each.dir}/`)
          ? []
          : [finding(where, `reaches out of its package: ${specifier}`, 'import the other package by its name')];
      }
      const target = names.get(packageName);
      if (!target || specifier === packageName) return [];
      const subpath = `.${specifier.slice(packageName.length)}`;
      const isOffered = Object.keys(target.manifest.exports ?? {}).some((key) => matchesExport(key, subpath));
      if (isOffered && !/^\.\/(src|dist)\//.test(subpath)) return [];
      return [
        finding(
          where,
          `reaches into ${packageName}: ${specifier}`,
          `import from ${packageName}, and export there what is needed`,
        ),
      ];
    }),
  );
}

export function nothingIsCircular(packages) {
  const names = byName(packages);
  const linked = (each) =>
    Object.keys({ ...each.manifest?.dependencies, ...each.manifest?.devDependencies }).flatMap(
      (name) => names.get(name) ?? [],
    );
  const packageCycle = findCycle(packages, linked);
  const findings = packageCycle
    ? [
        finding(
          packageCycle[0].manifestFile,
          `is part of a cycle: ${packageCycle.map(({ dir }) => dir).join(' → ')}`,
          'let one of them depend on neither',
        ),
      ]
    : [];
  for (const each of packages) {
    // Generated messages may contain each other.
    const files = new Map(
      each.sources.filter(({ file }) => !file.includes('/gen/')).map((source) => [source.file, source]),
    );
    const cycle = findCycle(files.keys(), (file) =>
      files.get(file).modules.flatMap(({ path }) => (files.has(path) ? [path] : [])),
    );
    if (cycle)
      findings.push(
        finding(
          cycle[0],
          `is part of a cycle: ${cycle.map((file) => posix.relative(each.dir, file)).join(' → ')}`,
          'move what they share to a file of its own',
        ),
      );
  }
  return findings;
}

const mayReadEnvironment = (file) => /^services\/[^/]+\/src\/config\.ts$|^packages\/cli\/|^(test|bench)\//.test(file);

export function environmentIsReadInOnePlace(packages) {
  return packages.flatMap(({ sources }) =>
    sources
      .filter(({ file }) => !mayReadEnvironment(file))
      .flatMap(({ file, environmentLines }) =>
        environmentLines.map((line) =>
          finding(`${file}:${line}`, 'reads process.env', "read it in the service's config.ts, and pass the value on"),
        ),
      ),
  );
}
