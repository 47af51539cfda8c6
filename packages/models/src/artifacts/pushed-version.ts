// A version as an event desires it, and what must hold of it before a path is made of any of its texts.
import { invalidArgument } from '@weft/errors';
import type { DesiredVersion__Output } from '@weft/rpc/messages/weft/models/v1/DesiredVersion';
import { validateArtifactPath } from '../event-log/artifact-path.ts';

/** A version of an event, with what it is a version of. */
export interface PushedVersion {
  readonly model: string;
  readonly service: string;
  readonly version: DesiredVersion__Output;
}

/** Throws INVALID_ARGUMENT for a version that cannot be laid out as a folder. */
export function checkManifest({ version: { version, files } }: PushedVersion): void {
  if (!/^[1-9]\d{0,14}$/.test(version)) throw invalidArgument(`'${version}' is no version`);
  if (files.length === 0) throw invalidArgument(`version ${version} has no files`);
  const paths = new Set<string>();
  for (const { path, sha256, size } of files) {
    validateArtifactPath(path);
    if (paths.has(path)) throw invalidArgument(`version ${version} has two files '${path}'`);
    paths.add(path);
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw invalidArgument(`'${sha256}' is no sha-256 digest of '${path}'`);
    if (!Number.isSafeInteger(size) || size < 0) throw invalidArgument(`${size} is no size of '${path}'`);
  }
  for (const path of paths) {
    const parents = path
      .split('/')
      .slice(0, -1)
      .map((_part, index, parts) => parts.slice(0, index + 1).join('/'));
    const clash = parents.find((parent) => paths.has(parent));
    if (clash !== undefined) throw invalidArgument(`'${clash}' is a file and a folder of version ${version}`);
  }
}
