// A model as it lies in the model repositories, with a fingerprint of each version that changes when its files do: what is
// read again when an event asks for that.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Artifact, resolveArtifact } from '../artifact.ts';
import { findRepositoryModel, type RepositoryModel, type RepositoryOptions } from '../repository.ts';
import type { DiskModel } from './wanted-model.ts';

/** Undefined when no repository has a model of that name. Throws INVALID_ARGUMENT when two have, NOT_FOUND for an unreadable repository. */
export function readDiskModel(
  options: RepositoryOptions,
  name: string,
  npmRoots: readonly string[],
): DiskModel | undefined {
  const model = findRepositoryModel(options, name);
  return model === undefined ? undefined : diskModel(model, npmRoots);
}

export function diskModel(model: RepositoryModel, npmRoots: readonly string[]): DiskModel {
  const fingerprints = model.present.map((version) => [version, fingerprint(model, version, npmRoots)] as const);
  return { model, fingerprints: new Map(fingerprints) };
}

/** Path, size and time of change of everything in the version's folder, and of the files elsewhere that it refers to. */
function fingerprint(model: RepositoryModel, version: string, npmRoots: readonly string[]): string {
  const folder = join(model.directory, version);
  const inside = filesBelow(folder);
  const files = [...inside.map((path) => join(folder, path)), ...referencedFiles(model, version, npmRoots)];
  return JSON.stringify([...new Set(files)].sort().map(stamp));
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    // A model that is a reference has no folder; one that cannot be read fails when it is loaded, with the reason.
    return [];
  }
}

function referencedFiles(model: RepositoryModel, version: string, npmRoots: readonly string[]): string[] {
  try {
    const { model: file, parts, files, labels = {}, warmup = {} }: Artifact = resolveArtifact(model, version, npmRoots);
    const others = [parts, files, labels, warmup].flatMap((named) => Object.values(named));
    return [...(file === undefined ? [] : [file]), ...others];
  } catch {
    // Loading tells what is wrong with it.
    return [];
  }
}

function stamp(path: string): [string, number, number] {
  const stats = statSync(path, { throwIfNoEntry: false });
  return [path, stats?.size ?? -1, stats?.mtimeMs ?? -1];
}
