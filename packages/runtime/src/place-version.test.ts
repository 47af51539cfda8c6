import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfigText, resolveArtifact, type WantedVersion } from '@weft/models';
import { versionPlacer } from './place-version.ts';

const signal = new AbortController().signal;

test('a file: reference of a pushed configuration means a file that was pushed with it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-place-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, '3', 'labels'), { recursive: true });
  for (const path of ['model.onnx', 'labels/coco.txt']) writeFileSync(join(folder, '3', path), '');
  const place = versionPlacer({ place: async () => folder, fetch: async () => ({}) });
  const config = parseConfigText(
    'parameters { key: "weft.file.labels" value { string_value: "file:labels/coco.txt" } } parameters { key: "weft.file.other" value { string_value: "file:../3/model.onnx" } }',
  );
  const files = ['model.onnx', 'labels/coco.txt'].map((path) => ({
    path,
    sha256: 'a'.repeat(64),
    size: 0,
    source: '',
  }));
  const origin: WantedVersion['origin'] = {
    kind: 'pushed',
    service: 'custom',
    version: { version: '3', config, files, signatures: [] },
  };
  const options = { signal, onProgress: () => {} };
  const placed = await place({ model: 'm', version: '3', config, origin, identity: '' }, options);
  // What was not pushed is looked for where it always is: below the folder, and nowhere else.
  assert.throws(() => resolveArtifact(placed, '3', []), /'..\/3\/model.onnx'/);
  delete config.parameters['weft.file.other'];
  const artifact = resolveArtifact(placed, '3', []);
  assert.deepEqual(
    [artifact.model, artifact.files['labels']],
    [join(folder, '3', 'model.onnx'), join(folder, '3', 'labels', 'coco.txt')],
  );
});

test('a version of a model repository lies where it is', async () => {
  const place = versionPlacer({
    place: () => assert.fail('there is nothing to place'),
    fetch: () => assert.fail('there is nothing to fetch'),
  });
  const config = parseConfigText('');
  const origin = { kind: 'repository', directory: '/models/m' } as const;
  const options = { signal, onProgress: () => {} };
  const { directory } = await place({ model: 'm', version: '1', config, origin, identity: '' }, options);
  assert.equal(directory, '/models/m');
});
