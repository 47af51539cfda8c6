// Where a model's files lie. A configuration refers to files by scheme: `npm:package/path` below node_modules, `file:path`
// below the model's own folder. Every path is resolved to its real place and must stay below its root. What lies on other
// machines was fetched before (artifacts/fetch-references.ts).
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WeftError } from '@weft/errors';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import { below, locateInPackages } from './locate-in-packages.ts';
import { weftParameter, weftParameters } from './parameters.ts';

/** The backends' names, and the file that each looks for in a version's folder. */
export const backendFiles = { onnxruntime: 'model.onnx', tensorflowjs: 'model.json' } as const;
/** Backends whose models are code alone: their versions have no file. */
const filelessBackends = ['identity', 'repeat', 'square'] as const;
export type BackendName = keyof typeof backendFiles | (typeof filelessBackends)[number];

/** Absolute paths of everything that one version of a model consists of. */
export interface Artifact {
  readonly backend: BackendName;
  /** The model's own file; undefined for a composite of parts. */
  readonly model: string | undefined;
  readonly parts: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  /** What sequences begin with, by the name of the file in the folder `initial_state`. */
  readonly initialStates?: Readonly<Record<string, string>>;
  /** Label files by the names of their outputs. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The files of warm-up samples, by their names there. */
  readonly warmup?: Readonly<Record<string, string>>;
  /** What the agent `checksum` demands: MD5 digests of files. */
  readonly checksums?: readonly { readonly file: string; readonly name: string; readonly md5: string }[];
}

/** A model's folder with its configuration: a RepositoryModel is one. */
export interface ModelFolder {
  readonly directory: string;
  readonly config: ModelConfig__Output;
  /** Where the files lie that references to other machines stand for. */
  readonly fetched?: Readonly<Record<string, string>>;
}

/**
 * Finds the files of a version. `npmRoots` are folders from whose node_modules (and their parents') packages are taken.
 * Throws INVALID_ARGUMENT for a reference that leaves its root or has an unknown scheme, NOT_FOUND for what is not there.
 */
export function resolveArtifact(
  { directory, config, fetched = {} }: ModelFolder,
  version: string,
  npmRoots: readonly string[],
): Artifact {
  const locate = (reference: string): string =>
    (Object.hasOwn(fetched, reference) ? fetched[reference] : undefined) ??
    locateReference(reference, directory, npmRoots);
  const parts = mapValues(weftParameters(config, 'part'), locate);
  // Of a pushed version everything lies in its own folder.
  const beside = (path: string): string =>
    existsSync(join(directory, path)) ? below(directory, path) : below(join(directory, version), path);
  const source = weftParameter(config, 'source');
  const versionFolder = join(directory, version);
  const model = source === undefined ? modelFile(versionFolder, config) : locate(source);
  // Before the file: that of another backend has another name.
  const backend = backendOf(config, model);
  if (model === undefined && Object.keys(parts).length === 0 && !isFileless(backend))
    throw new WeftError('NOT_FOUND', `no model file in version ${version}`);
  return {
    backend,
    model,
    parts,
    files: mapValues(weftParameters(config, 'file'), locate),
    ...initialStatesOf(directory, config),
    labels: mapValues(labelFiles(config), beside),
    warmup: mapValues(warmupFiles(config), (path) => beside(join('warmup', path))),
    checksums: checksumsOf(config).map(({ name, md5 }) => ({ name, md5, file: beside(name) })),
  };
}

function labelFiles({ output }: ModelConfig__Output): Record<string, string> {
  return Object.fromEntries(
    output.filter((one) => one.labelFilename !== '').map(({ name, labelFilename }) => [name, labelFilename]),
  );
}

function warmupFiles({ modelWarmup }: ModelConfig__Output): Record<string, string> {
  const files = modelWarmup.flatMap(({ inputs }) => Object.values(inputs).map(({ inputDataFile }) => inputDataFile));
  return Object.fromEntries(files.filter((file) => file !== undefined && file !== '').map((file) => [file, file]));
}

/** From parameters such as `MD5:1/model.onnx`, as Triton's agent of that name has them. Throws INVALID_ARGUMENT for others. */
function checksumsOf({ modelRepositoryAgents }: ModelConfig__Output): { name: string; md5: string }[] {
  const agents = modelRepositoryAgents?.agents.filter(({ name }) => name === checksumAgent) ?? [];
  return agents.flatMap(({ parameters }) =>
    Object.entries(parameters).map(([key, md5]) => {
      if (key.startsWith('MD5:')) return { name: key.slice('MD5:'.length), md5: md5.toLowerCase() };
      throw new WeftError('INVALID_ARGUMENT', `model_repository_agents: '${key}' is none of MD5:PATH`);
    }),
  );
}

/** The one agent that weft has. */
export const checksumAgent = 'checksum';

/** Triton's place for them: the folder `initial_state` beside the versions. */
function initialStatesOf(
  directory: string,
  { sequenceBatching }: ModelConfig__Output,
): Pick<Artifact, 'initialStates'> {
  const names = sequenceBatching?.state.flatMap(({ initialState }) =>
    initialState.map(({ dataFile = '' }) => dataFile),
  );
  const given = names?.filter((name) => name !== '') ?? [];
  if (given.length === 0) return {};
  return {
    initialStates: Object.fromEntries(given.map((name) => [name, below(join(directory, 'initial_state'), name)])),
  };
}

function modelFile(versionFolder: string, config: ModelConfig__Output): string | undefined {
  const names = config.defaultModelFilename === '' ? Object.values(backendFiles) : [config.defaultModelFilename];
  const name = names.find((candidate) => existsSync(join(versionFolder, candidate)));
  if (name === undefined) return undefined;
  const file = below(versionFolder, name);
  // A model of several files may lie in a folder of that name.
  return statSync(file).isDirectory() ? below(versionFolder, join(name, name)) : file;
}

/** The backend that the configuration names, or else the one that the file is for. Throws INVALID_ARGUMENT for an unknown one. */
function backendOf(config: ModelConfig__Output, model: string | undefined): BackendName {
  const name = config.backend === '' ? platformBackends[config.platform] : config.backend;
  if (name === undefined && config.platform !== '') throw unsupported(`platform '${config.platform}'`);
  const backend = name ?? (model?.endsWith('.json') ? 'tensorflowjs' : 'onnxruntime');
  if (!Object.hasOwn(backendFiles, backend) && !isFileless(backend)) throw unsupported(`backend '${backend}'`);
  return backend as BackendName;
}

/** Whether the models of a backend need no file. */
export function isFileless(backend: string): boolean {
  return filelessBackends.some((name) => name === backend);
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
  if (remoteSchemes.has(scheme)) throw new WeftError('FAILED_PRECONDITION', `'${reference}' has not been fetched`);
  throw new WeftError(
    'INVALID_ARGUMENT',
    `cannot read '${reference}': a reference begins with npm:, file:, https:, hf: or nats:`,
  );
}

const remoteSchemes = new Set(['https', 'http', 'hf', 'nats']);

/** Whether a reference has to be fetched before resolveArtifact can find it. */
export function isRemote(reference: string): boolean {
  return remoteSchemes.has(reference.slice(0, Math.max(0, reference.indexOf(':'))));
}

function mapValues(record: Record<string, string>, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
