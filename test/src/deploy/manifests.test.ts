// What the files of deploy/k8s must be for kustomize to build them at all; needs nothing but Node.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { manifestFiles, manifestFolder, overlays, parseObjects, readManifest } from './overlays.ts';

interface Kustomization {
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly patches?: readonly { readonly path?: string }[];
  readonly configMapGenerator?: readonly { readonly files?: readonly string[]; readonly envs?: readonly string[] }[];
}

const kustomizationFiles = manifestFiles().filter((file) => file.endsWith('kustomization.yaml'));
const read = (file: string): Kustomization => parseObjects(readManifest(file))[0] as Kustomization;

function referencesOf({ resources = [], components = [], patches = [], configMapGenerator = [] }: Kustomization) {
  const generated = configMapGenerator.flatMap(({ files = [], envs = [] }) => [...files, ...envs]);
  return [...resources, ...components, ...patches.flatMap(({ path }) => path ?? []), ...generated];
}

test('every YAML file is well formed and says nothing twice', () => {
  const yaml = manifestFiles().filter((file) => file.endsWith('.yaml'));
  assert.ok(yaml.length > 20);
  for (const file of yaml) assert.doesNotThrow(() => parseObjects(readManifest(file)), file);
});

test('what a kustomization names is there', () => {
  for (const file of kustomizationFiles) {
    const missing = referencesOf(read(file)).filter((name) => !existsSync(join(manifestFolder, dirname(file), name)));
    assert.deepEqual(missing, [], file);
  }
});

test('no file is left out of all kustomizations but those for other programs', () => {
  const named = new Set(
    kustomizationFiles.flatMap((file) => [file, ...referencesOf(read(file)).map((name) => join(dirname(file), name))]),
  );
  const left = manifestFiles().filter((file) => !named.has(file));
  assert.deepEqual(left, [
    'components/production/prometheus-adapter.yaml',
    'overlays/gpu-time-slicing/device-plugin.yaml',
  ]);
});

test('every overlay has a kustomization and stands in docs/deploy.md', () => {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/deploy.md', import.meta.url)), 'utf8');
  for (const overlay of overlays) {
    assert.ok(readdirSync(join(manifestFolder, 'overlays', overlay)).includes('kustomization.yaml'), overlay);
    assert.ok(page.includes(`\`${overlay}\``), `${overlay} is documented`);
  }
});
