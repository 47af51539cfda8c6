// `file:` references of pushed models: only files whose real path lies below a configured root. A relative path begins at the roots.
import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invalidArgument, WeftError } from '@weft/errors';
import type { ArtifactSource } from './artifact-source.ts';
import { openLocalFile } from './open-local-file.ts';

export function fileSource(roots: readonly string[]): ArtifactSource {
  return {
    async open({ reference, fromByte }) {
      return openLocalFile(await realPathBelow(roots, pathOf(reference)), fromByte);
    },
  };
}

function pathOf(reference: string): string {
  const path = reference.startsWith('file://') ? urlPath(reference) : reference.slice('file:'.length);
  if (path === '' || path.includes('\0')) throw invalidArgument(`'${reference}' names no file`);
  return path;
}

function urlPath(reference: string): string {
  try {
    return fileURLToPath(reference);
  } catch (cause) {
    throw new WeftError('INVALID_ARGUMENT', `'${reference}' names no file of this machine`, { cause });
  }
}

/** Says of what lies outside the roots only that it may not be read, never whether it is there. */
async function realPathBelow(roots: readonly string[], path: string): Promise<string> {
  const candidates = roots.map((root) => ({ root: resolve(root), file: resolve(root, path) }));
  const inside = candidates.filter(({ root, file }) => isBelow(root, file));
  if (inside.length === 0) throw outside(path);
  let found = false;
  for (const { root, file } of inside) {
    const [realRoot, realFile] = await Promise.all([root, file].map((place) => realpath(place).catch(() => undefined)));
    if (realRoot === undefined || realFile === undefined) continue;
    if (isBelow(realRoot, realFile)) return realFile;
    found = true;
  }
  throw found ? outside(path) : new WeftError('NOT_FOUND', `no file '${path}'`);
}

function isBelow(root: string, file: string): boolean {
  return file.startsWith(root.endsWith(sep) ? root : root + sep);
}

function outside(path: string): WeftError {
  return new WeftError('PERMISSION_DENIED', `'${path}' is not below --artifact-roots`);
}
