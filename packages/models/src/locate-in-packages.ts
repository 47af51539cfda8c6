// Finds files of installed npm packages, and keeps paths below their folders: by real path, so no link leads out.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { WeftError } from '@weft/errors';

/**
 * The real path of `package/path`, looked for in the node_modules of each root and of its parents. Throws NOT_FOUND, or
 * INVALID_ARGUMENT for what is no package's name or leads out of the package.
 */
export function locateInPackages(path: string, npmRoots: readonly string[]): string {
  const [, name = ''] = /^((?:@[\w~-][\w.~-]*\/)?[\w~-][\w.~-]*)\/./.exec(path) ?? [];
  if (name === '') throw new WeftError('INVALID_ARGUMENT', `'npm:${path}' names no file in a package`);
  for (const root of npmRoots) {
    for (let folder = resolve(root); ; folder = dirname(folder)) {
      const packageFolder = join(folder, 'node_modules', name);
      if (existsSync(packageFolder)) return below(packageFolder, path.slice(name.length + 1));
      if (folder === dirname(folder)) break;
    }
  }
  throw new WeftError('NOT_FOUND', `the npm package '${name}' is not installed`);
}

/** The real path of a file, which must lie below a folder. */
export function below(folder: string, path: string): string {
  const file = resolve(folder, path);
  if (!existsSync(file)) throw new WeftError('NOT_FOUND', `no file '${path}'`);
  const real = realpathSync(file);
  if (!real.startsWith(realpathSync(folder) + sep))
    throw new WeftError('INVALID_ARGUMENT', `'${path}' leads out of its folder`);
  return real;
}
