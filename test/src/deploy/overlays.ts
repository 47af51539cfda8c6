// The overlays of deploy/k8s, built as `kubectl apply -k` builds them.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';
import type { KubernetesObject } from './kubernetes-object.ts';

export const manifestFolder = fileURLToPath(new URL('../../../deploy/k8s/', import.meta.url));
export const overlays: readonly string[] = readdirSync(join(manifestFolder, 'overlays')).sort();
/** Templates of Jobs. */
export const jobs: readonly string[] = readdirSync(join(manifestFolder, 'jobs')).sort();

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
export function buildOverlay(kustomize: Kustomize, overlay: string): Promise<KubernetesObject[]> {
  return build(kustomize, join(manifestFolder, 'overlays', overlay));
}

export function buildJob(kustomize: Kustomize, job: string): Promise<KubernetesObject[]> {
  return build(kustomize, join(manifestFolder, 'jobs', job));
}

/** An overlay with a component over it, as a person's own overlay has them. */
export async function buildWith(kustomize: Kustomize, overlay: string, component: string): Promise<KubernetesObject[]> {
  // Kustomize takes relative paths alone, and counts them from where a folder really is.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'weft-overlay-')));
  const path = (name: string): string => relative(folder, realpathSync(join(manifestFolder, name)));
  try {
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: 'weft',
      resources: [path(`overlays/${overlay}`)],
      components: [path(`components/${component}`)],
    };
    writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization));
    return await build(kustomize, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function build([command, ...args]: Kustomize, folder: string): Promise<KubernetesObject[]> {
  const { stdout } = await run(command, [...args, folder], { maxBuffer: 1 << 24 });
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
