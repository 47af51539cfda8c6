// The overlays of deploy/k8s, built as `kubectl apply -k` builds them.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from './kubernetes-object.ts';

export const manifestFolder = fileURLToPath(new URL('../../../deploy/k8s/', import.meta.url));
export const overlays: readonly string[] = readdirSync(join(manifestFolder, 'overlays')).sort();

/** A command that builds kustomizations: `kubectl kustomize`, or a kustomize of its own. */
export type Kustomize = readonly [command: string, ...args: string[]];

const run = promisify(execFile);

/** Undefined where no kubectl is on PATH that knows components. */
export async function findKustomize(): Promise<Kustomize | undefined> {
  try {
    await run('kubectl', ['kustomize', join(manifestFolder, 'overlays/gpu')]);
    return ['kubectl', 'kustomize'];
  } catch {
    // Not there, or of a time before components: the caller says so.
    return undefined;
  }
}

/** Throws with what kustomize says where the overlay cannot be built. */
export async function buildOverlay([command, ...args]: Kustomize, overlay: string): Promise<KubernetesObject[]> {
  const { stdout } = await run(command, [...args, join(manifestFolder, 'overlays', overlay)], { maxBuffer: 1 << 24 });
  return parseObjects(stdout);
}

/** Throws on YAML that is not well formed, or says a thing twice. */
export function parseObjects(text: string): KubernetesObject[] {
  return parseAllDocuments(text).map((document) => {
    const [error] = [...document.errors, ...document.warnings];
    if (error !== undefined) throw error;
    return document.toJS() as KubernetesObject;
  });
}

/** Every file of the manifests, by its path from their folder. */
export function manifestFiles(): string[] {
  return readdirSync(manifestFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(manifestFolder.length))
    .sort();
}

export function readManifest(file: string): string {
  return readFileSync(join(manifestFolder, file), 'utf8');
}
