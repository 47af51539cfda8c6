// Where a model's files lie. A configuration refers to files by scheme: `npm:package/path` below node_modules, `file:path`
// below the model's own folder. Every path is resolved to its real place and must stay below its root.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { WeftError } from '@weft/errors';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import { weftParameter, weftParameters } from './parameters.ts';

/** The backends' names, and the file that each looks for in a version's folder. */
export const backendFiles = { onnxruntime: 'model.onnx', tensorflowjs: 'model.json' } as const;
export type BackendName = keyof typeof backendFiles;

/** Absolute paths of everything that one version of a model consists of. */
export interface Artifact {
  readonly backend: BackendName;
  /** The model's own file; undefined for a composite of parts. */
  readonly model: string | undefined;
  readonly parts: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
}

/** A model's folder with its configuration: a RepositoryModel is one. */
export interface ModelFolder {
  readonly directory: string;
  readonly config: ModelConfig__Output;
}

/**
 * Finds the files of a version. `npmRoots` are folders from whose node_modules (and their parents') packages are taken.
 * Throws INVALID_ARGUMENT for a reference that leaves its root or has an unknown scheme, NOT_FOUND for what is not there.
 */
export function resolveArtifact(
  { directory, config }: ModelFolder,
  version: string,
  npmRoots: readonly string[],
): Artifact {
  const locate = (reference: string): string => locateReference(reference, directory, npmRoots);
  const parts = mapValues(weftParameters(config, 'part'), locate);
  const source = weftParameter(config, 'source');
  const versionFolder = join(directory, version);
  const model = source === undefined ? modelFile(versionFolder, config) : locate(source);
  if (model === undefined && Object.keys(parts).length === 0)
    throw new WeftError('NOT_FOUND', `no model file in version ${version}`);
  return { backend: backendOf(config, model), model, parts, files: mapValues(weftParameters(config, 'file'), locate) };
}

function modelFile(versionFolder: string, config: ModelConfig__Output): string | undefined {
  const names = config.defaultModelFilename === '' ? Object.values(backendFiles) : [config.defaultModelFilename];
  const name = names.find((candidate) => existsSync(join(versionFolder, candidate)));
  return name === undefined ? undefined : below(versionFolder, name);
}

/** The backend that the configuration names, or else the one that the file is for. Throws INVALID_ARGUMENT for an unknown one. */
function backendOf(config: ModelConfig__Output, model: string | undefined): BackendName {
  const name = config.backend === '' ? platformBackends[config.platform] : config.backend;
  if (name === undefined && config.platform !== '') throw unsupported(`platform '${config.platform}'`);
  const backend = name ?? (model?.endsWith('.json') ? 'tensorflowjs' : 'onnxruntime');
  if (!Object.hasOwn(backendFiles, backend)) throw unsupported(`backend '${backend}'`);
  return backend as BackendName;
}

const platformBackends: Readonly<Record<string, string>> = {
  onnxruntime_onnx: 'onnxruntime',
  tensorflowjs: 'tensorflowjs',
};

function unsupported(what: string): WeftError {
  return new WeftError('INVALID_ARGUMENT', `${what} is not supported: weft serves onnxruntime and tensorflowjs`);
}

function locateReference(reference: string, directory: string, npmRoots: readonly string[]): string {
  const [, scheme = '', path = ''] = /^([a-z]+):(.+)$/s.exec(reference) ?? [];
  if (scheme === 'npm') return locateInPackages(path, npmRoots);
  if (scheme === 'file') return below(directory, path);
  throw new WeftError('INVALID_ARGUMENT', `cannot read '${reference}': a reference begins with npm: or file:`);
}

function locateInPackages(path: string, npmRoots: readonly string[]): string {
  const [, name = ''] = /^((?:@[^/]+\/)?[^/]+)\/./.exec(path) ?? [];
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
function below(folder: string, path: string): string {
  const file = resolve(folder, path);
  if (!existsSync(file)) throw new WeftError('NOT_FOUND', `no file '${path}'`);
  const real = realpathSync(file);
  if (!real.startsWith(realpathSync(folder) + sep))
    throw new WeftError('INVALID_ARGUMENT', `'${path}' leads out of its folder`);
  return real;
}

function mapValues(record: Record<string, string>, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
