// The files of a version, as they lie in a folder. What cannot be pushed is found here, before anything is sent: links that
// lead out of the folder, what is no plain file, what is empty or cannot be read.
import { accessSync, constants, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { validateArtifactPath } from '@weft/models';
import { usageError } from '../usage-error.ts';

export interface VersionFile {
  /** Below the version's folder, with slashes. */
  readonly path: string;
  /** Where it really lies. */
  readonly file: string;
  readonly size: number;
}

/** Every file below `folder`, but those whose names begin with a dot. Links may lead anywhere below `root`, a real path. */
export function versionFiles(folder: string, root: string): VersionFile[] {
  return filesBelow(folder, '', { root, above: [realpathSync(folder)] });
}

function filesBelow(
  folder: string,
  prefix: string,
  { root, above }: { readonly root: string; readonly above: readonly string[] },
): VersionFile[] {
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  return names.sort().flatMap((name) => {
    const shown = join(folder, name);
    const path = `${prefix}${name}`;
    const real = realPathBelow(shown, root);
    if (!statSync(real).isDirectory()) return [plainFile(shown, path, real)];
    if (above.includes(real)) throw usageError(`${shown}: leads in a circle`);
    return filesBelow(shown, `${path}/`, { root, above: [...above, real] });
  });
}

/** The real path of a file or folder, which must lie below `root`. */
export function realPathBelow(shown: string, root: string): string {
  const real = realOf(shown);
  if (!real.startsWith(root + sep)) throw usageError(`${shown}: leads out of its folder`);
  return real;
}

function realOf(shown: string): string {
  try {
    return realpathSync(shown);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    throw usageError(`${shown}: ${code === 'ELOOP' ? 'leads in a circle' : 'leads nowhere'}`);
  }
}

/** Throws a usage error for what cannot be pushed. */
export function plainFile(shown: string, path: string, real: string): VersionFile {
  const found = statSync(real);
  if (!found.isFile()) throw usageError(`${shown}: is no plain file`);
  if (found.size === 0) throw usageError(`${shown}: is empty`);
  try {
    accessSync(real, constants.R_OK);
  } catch {
    throw usageError(`${shown}: permission denied`);
  }
  validateArtifactPath(path);
  return { path, file: real, size: found.size };
}
