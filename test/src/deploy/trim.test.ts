// What images leave out of their packages, on a small tree that is laid out as theirs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '../testing/author-models.ts';

const script = fileURLToPath(new URL('../../../deploy/docker/trim.mjs', import.meta.url));
const run = promisify(execFile);

const source = (reference: string): string =>
  `parameters { key: "weft.source" value { string_value: "npm:${reference}" } }`;

const kept = {
  'models/nlp/x/config.pbtxt': source('carrier/model/model.json'),
  'models/nlp/y/config.pbtxt': source('library/small.onnx'),
  'models/nlp/z/config.pbtxt': source('@scope/carrier/model.onnx'),
  'node_modules/carrier/package.json': '{}',
  'node_modules/carrier/LICENSE.md': '',
  'node_modules/carrier/model/model.json': '{"weightsManifest":[{"paths":["shard1","shard2"]}]}',
  'node_modules/carrier/model/shard1': '',
  'node_modules/carrier/model/shard2': '',
  'node_modules/@scope/carrier/package.json': '{}',
  'node_modules/@scope/carrier/model.onnx': '',
  'node_modules/@scope/carrier/model.onnx.data': '',
  'node_modules/library/package.json': '{}',
  'node_modules/library/small.onnx': '',
  'node_modules/library/index.js': '',
  'node_modules/user/package.json': '{"dependencies":{"library":"1"}}',
  'node_modules/user/index.js': '',
  'node_modules/@tensorflow/tfjs-x/package.json': '{"main":"dist/x.node.js"}',
  'node_modules/@tensorflow/tfjs-x/dist/x.node.js': '',
  'node_modules/@tensorflow/tfjs-x/dist/x.wasm': '',
  'node_modules/@tensorflow/tfjs-node-gpu/package.json': '{"main":"dist/index.js"}',
  'node_modules/@tensorflow/tfjs-node-gpu/dist/other.js': '',
  'packages/tensor/dist/index.js': '',
  'services/nlp/dist/main.js': "import 'user';",
};

const left = [
  'node_modules/carrier/model/other.bin',
  'node_modules/carrier/index.js',
  'node_modules/@scope/carrier/readme/large.bin',
  'node_modules/library/index.d.ts',
  'node_modules/library/README.md',
  'node_modules/user/index.js.map',
  'node_modules/@tensorflow/tfjs-x/dist/x.js',
  'node_modules/@tensorflow/tfjs-x/wasm/x.wasm',
  'node_modules/@img/sharp-wasm32/package.json',
];

test('an image keeps what a process reads, and leaves out the rest of the packages', async (t) => {
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const contents = { ...Object.fromEntries(left.map((file) => [file, '{}'])), ...kept };
  for (const [file, text] of Object.entries(contents)) {
    await mkdir(dirname(join(folder.path, file)), { recursive: true });
    await writeFile(join(folder.path, file), text);
  }
  await mkdir(join(folder.path, 'node_modules/@weft'));
  await symlink('../../packages/tensor', join(folder.path, 'node_modules/@weft/tensor'));

  await run(process.execPath, [script, folder.path]);

  const there = (file: string): boolean => existsSync(join(folder.path, file));
  assert.deepEqual(
    Object.keys(kept).filter((file) => !there(file)),
    [],
  );
  assert.deepEqual(left.filter(there), []);
  assert.equal(there('node_modules/@weft/tensor/dist/index.js'), true);
  assert.equal(there('node_modules/@scope/carrier/readme'), false);
});
