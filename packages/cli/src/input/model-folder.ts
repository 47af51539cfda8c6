// A folder to push from: a model's folder in Triton's layout, of which one version is taken, or a folder with just the files of
// a version. Whatever is wrong with it is wrong usage, so that a mesh never hears of a model that could not work.
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WeftError } from '@weft/errors';
import { readConfigFile, validateModelName, weftParameter, weftParameters } from '@weft/models';
import { usageError } from '../usage-error.ts';
import { type ModelConfig, withOwnReferences } from './own-references.ts';
import { type VersionFile, versionFiles } from './version-files.ts';

export interface FolderToPush {
  readonly directory: string;
  readonly name: string;
  readonly version?: string | undefined;
  readonly service?: string | undefined;
}

export interface LocalVersion {
  readonly name: string;
  /** Empty where the folder says none: then the router chooses. */
  readonly version: string;
  /** Empty where neither the caller nor the configuration says one. */
  readonly service: string;
  readonly config: ModelConfig;
  readonly files: readonly VersionFile[];
}

/** Throws a usage error that names what is wrong. */
export function readModelFolder(wanted: FolderToPush): LocalVersion {
  try {
    return readVersion(wanted);
  } catch (thrown) {
    throw thrown instanceof WeftError ? usageError(thrown.message) : thrown;
  }
}

function readVersion({ directory, name, version, service }: FolderToPush): LocalVersion {
  validateModelName(name);
  if (version !== undefined && !/^[1-9]\d{0,14}$/.test(version))
    throw usageError(`--version is ${JSON.stringify(version)}, but it takes a whole number above zero`);
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) throw usageError(`${directory}: no such folder`);
  const config = readConfigFile(directory, name);
  const chosen = chooseVersion(directory, version);
  const root = realpathSync(directory);
  const found = versionFiles(chosen.folder, root).filter(({ path }) => chosen.isVersionFolder || !isConfigFile(path));
  const local = withOwnReferences({ directory, root, version: chosen.version, config, files: found });
  requireModelFile(local.config, local.files, chosen.folder);
  return { name, version: chosen.version, service: serviceOf(config, service), ...local };
}

interface ChosenVersion {
  readonly folder: string;
  readonly version: string;
  readonly isVersionFolder: boolean;
}

function chooseVersion(directory: string, wanted: string | undefined): ChosenVersion {
  const present = readdirSync(directory).filter(
    (folder) =>
      /^[1-9]\d{0,14}$/.test(folder) && statSync(join(directory, folder), { throwIfNoEntry: false })?.isDirectory(),
  );
  if (present.length === 0) return { folder: directory, version: wanted ?? '', isVersionFolder: false };
  const version = wanted ?? String(Math.max(...present.map(Number)));
  if (!present.includes(version))
    throw usageError(`${directory} has no version ${version}; it has ${present.sort().join(', ')}`);
  return { folder: join(directory, version), version, isVersionFolder: true };
}

function isConfigFile(path: string): boolean {
  return path === 'config.pbtxt' || path === 'config.json';
}

function requireModelFile(config: ModelConfig, files: readonly VersionFile[], folder: string): void {
  if (files.length === 0) throw usageError(`${folder}: there is no file in it to push`);
  const lieElsewhere = weftParameter(config, 'source') !== undefined;
  if (lieElsewhere || Object.keys(weftParameters(config, 'part')).length > 0) return;
  const names = config.defaultModelFilename === '' ? ['model.onnx', 'model.json'] : [config.defaultModelFilename];
  if (!files.some(({ path }) => names.includes(path)))
    throw usageError(`${folder}: there is no model file in it: ${names.join(' or ')}`);
}

function serviceOf(config: ModelConfig, given: string | undefined): string {
  const service = given ?? weftParameter(config, 'service') ?? '';
  if (given === '' || !/^(?:[a-z][a-z0-9-]{0,62})?$/.test(service))
    throw usageError(`${JSON.stringify(service)} is no name of a service`);
  return service;
}
