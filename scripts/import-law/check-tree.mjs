// Applies every rule of the import law to a tree.

import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { manifestsListWhatIsImported, referencesMatchImports } from './manifest-rules.mjs';
import { readPackages } from './read-packages.mjs';
import {
  environmentIsReadInOnePlace,
  everyPackageHasALayer,
  importsPointDown,
  importsUseTheFrontDoor,
  nothingIsCircular,
} from './rules.mjs';

const rules = [
  everyPackageHasALayer,
  importsPointDown,
  importsUseTheFrontDoor,
  nothingIsCircular,
  environmentIsReadInOnePlace,
  manifestsListWhatIsImported,
  referencesMatchImports,
];

/** All findings, `{where, what, mend}`. */
export function checkTree(root) {
  const readJson = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));
  const packages = readPackages(root);
  const context = {
    rootManifest: readJson('package.json'),
    rootReferences: readJson('tsconfig.json').references.map(({ path }) => posix.normalize(path)),
    readManifest: (name) => {
      const file = `node_modules/${name}/package.json`;
      return existsSync(join(root, file)) ? readJson(file) : undefined;
    },
  };
  return rules.flatMap((rule) => rule(packages, context));
}
