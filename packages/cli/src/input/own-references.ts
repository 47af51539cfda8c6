// A configuration may refer to files of the model's folder (`weft.file.labels` = `file:labels.txt`). A pushed version is one
// folder below a folder of its own, so these files travel inside the version, and the references are rewritten to it.
import { resolve } from 'node:path';
import type { readConfigFile } from '@weft/models';
import { usageError } from '../usage-error.ts';
import { plainFile, realPathBelow, type VersionFile } from './version-files.ts';

export type ModelConfig = ReturnType<typeof readConfigFile>;

export interface VersionToRefer {
  readonly directory: string;
  /** The directory's real path. */
  readonly root: string;
  readonly version: string;
  readonly config: ModelConfig;
  readonly files: readonly VersionFile[];
}

const referring = /^weft\.(?:source|(?:part|file)\..+)$/;

/** The configuration and files of the version as they are pushed. Throws a usage error for a reference that cannot be kept. */
export function withOwnReferences(local: VersionToRefer): Pick<VersionToRefer, 'config' | 'files'> {
  const files = [...local.files];
  const parameters = { ...local.config.parameters };
  for (const [key, { stringValue }] of Object.entries(parameters)) {
    if (!referring.test(key) || !stringValue.startsWith('file:')) continue;
    if (local.version === '')
      throw usageError(`${key} refers to a file by its place, which the version is part of: give --version`);
    const path = pathInVersion(key, stringValue.slice('file:'.length), { ...local, files });
    parameters[key] = { ...parameters[key], stringValue: `file:${local.version}/${path}` };
  }
  return { config: { ...local.config, parameters }, files };
}

/** Where in the version a file lies that the configuration refers to; it is added to `files` unless it is among them. */
function pathInVersion(
  key: string,
  reference: string,
  { directory, root, files }: VersionToRefer & { files: VersionFile[] },
): string {
  const shown = resolve(directory, reference);
  const real = realPathBelow(shown, root);
  const known = files.find(({ file }) => file === real);
  if (known !== undefined) return known.path;
  const path = reference.replace(/^(?:\.\/)+/, '');
  if (files.some((file) => file.path === path)) throw usageError(`${key}: the version has another file '${path}'`);
  files.push(plainFile(shown, path, real));
  return path;
}
