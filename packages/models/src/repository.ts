// A model repository on disk, in Triton's layout: `<name>/config.pbtxt`, `<name>/<version>/model.onnx`. The default
// repository keeps its models one level deeper, under the service that serves them: `models/<service>/<name>`.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WeftError } from '@weft/errors';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import { isFileless } from './artifact.ts';
import { readConfigFile } from './config-file.ts';
import { toModelConfig } from './config-schema.ts';
import { isEnsemble } from './ensembles/read-ensemble.ts';
import { validateModelName } from './model-name.ts';
import { weftParameter } from './parameters.ts';
import { chooseVersions } from './version-policy.ts';

/** A model as configured. `problem` says why it cannot be loaded, when that is known already. */
export interface RepositoryModel {
  readonly name: string;
  readonly directory: string;
  readonly service: string;
  readonly config: ModelConfig__Output;
  /** Versions that should serve by the configuration's version policy, the newest first. */
  readonly versions: readonly string[];
  /** Every version that is there, the newest first. */
  readonly present: readonly string[];
  /** Part of weft itself: a service is not ready without it. */
  readonly isDefault: boolean;
  readonly problem: string | undefined;
}

export interface RepositoryOptions {
  /** The repository that ships with weft; undefined leaves it out. */
  readonly defaultRepository: string | undefined;
  /** The user's repositories. */
  readonly repositories: readonly string[];
}

/** The service of models that name none. */
export const customService = 'custom';

/**
 * Every model of every repository. One that cannot be read is listed with its problem, and the others serve; a name that
 * is there twice is an error of the whole (INVALID_ARGUMENT, naming both folders).
 */
export function scanRepositories(options: RepositoryOptions): RepositoryModel[] {
  const found: RepositoryModel[] = [];
  if (options.defaultRepository !== undefined) {
    for (const service of foldersOf(options.defaultRepository)) {
      for (const directory of foldersOf(join(options.defaultRepository, service))) {
        found.push(readModel(join(options.defaultRepository, service, directory), directory, true));
      }
    }
  }
  for (const repository of options.repositories) {
    for (const directory of foldersOf(repository)) found.push(readModel(join(repository, directory), directory, false));
  }
  return uniqueNames(found);
}

/**
 * One model as it lies in the repositories now; undefined when it is in none of them. Throws INVALID_ARGUMENT for a name that
 * is there twice.
 */
export function findRepositoryModel(options: RepositoryOptions, name: string): RepositoryModel | undefined {
  validateModelName(name);
  const { defaultRepository, repositories } = options;
  const services = defaultRepository === undefined ? [] : foldersOf(defaultRepository);
  const candidates = [
    ...services.map((service) => ({ directory: join(defaultRepository ?? '', service, name), isDefault: true })),
    ...repositories.map((repository) => ({ directory: join(repository, name), isDefault: false })),
  ].filter(({ directory }) => !isHidden(name) && isFolder(directory));
  return uniqueNames(candidates.map(({ directory, isDefault }) => readModel(directory, name, isDefault)))[0];
}

function uniqueNames(models: RepositoryModel[]): RepositoryModel[] {
  const byName = new Map<string, RepositoryModel>();
  for (const model of models) {
    const other = byName.get(model.name);
    if (other !== undefined) {
      throw new WeftError(
        'INVALID_ARGUMENT',
        `two models are named '${model.name}': ${other.directory} and ${model.directory}`,
      );
    }
    byName.set(model.name, model);
  }
  return models;
}

function readModel(directory: string, name: string, isDefault: boolean): RepositoryModel {
  try {
    validateModelName(name);
    const config = readConfigFile(directory);
    const present = foldersOf(directory)
      // Triton passes over other names too: `0`, `01`, `draft`.
      .filter((folder) => /^[1-9]\d{0,14}$/.test(folder))
      .map(Number);
    // A model that lies elsewhere, or is made of others, needs no version folder: it is version 1.
    const folderless = isReference(config) || isFileless(config.backend) || isEnsemble(config);
    if (present.length === 0 && folderless) present.push(1);
    const versions = chooseVersions(present, config.versionPolicy).map(String);
    const newestFirst = present.sort((a, b) => b - a).map(String);
    const problem =
      versions.length === 0 ? `failed to poll from model repository: '${name}' has no version to serve` : undefined;
    return {
      name,
      directory,
      service: weftParameter(config, 'service') ?? customService,
      config,
      versions,
      present: newestFirst,
      isDefault,
      problem,
    };
  } catch (thrown) {
    if (!(thrown instanceof WeftError)) throw thrown;
    const config = { ...toModelConfig({}), name };
    return {
      name,
      directory,
      service: customService,
      config,
      versions: [],
      present: [],
      isDefault,
      problem: `failed to poll from model repository: ${thrown.message}`,
    };
  }
}

function isReference(config: ModelConfig__Output): boolean {
  return Object.keys(config.parameters).some((key) => key === 'weft.source' || key.startsWith('weft.part.'));
}

/** Names of the folders in a folder, sorted, without hidden ones; links count as what they lead to. Throws NOT_FOUND when it cannot be read. */
function foldersOf(directory: string): string[] {
  try {
    const names = readdirSync(directory).filter((name) => !isHidden(name));
    // A link that leads nowhere is no folder, and no reason not to serve the others.
    return names.filter((name) => isFolder(join(directory, name))).sort();
  } catch (cause) {
    throw new WeftError(
      'NOT_FOUND',
      `cannot read the model repository ${directory}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** What tools leave behind: `.git`, `.ipynb_checkpoints`. Models may be called `...` or `..mine`. */
function isHidden(name: string): boolean {
  return /^\.[^.]/.test(name);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
