import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { never, pushed, storeIn, temporaryFolder } from './testing/store-folder.ts';

function layOut(t: TestContext): string {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'root/sub'), { recursive: true });
  mkdirSync(join(folder, 'packages/node_modules/@org/pkg'), { recursive: true });
  for (const path of ['secret', 'root/sub/model.onnx', 'packages/secret', 'packages/node_modules/@org/pkg/model.onnx'])
    writeFileSync(join(folder, path), 'weights');
  symlinkSync(join(folder, 'secret'), join(folder, 'root/link'));
  symlinkSync('sub', join(folder, 'root/inside'));
  symlinkSync(join(folder, 'secret'), join(folder, 'packages/node_modules/@org/pkg/link'));
  return folder;
}

function placeFrom(t: TestContext, folder: string, source: string): Promise<string> {
  const settings = { artifactRoots: [join(folder, 'other'), join(folder, 'root')] };
  const store = storeIn(t, join(folder, 'data'), { settings, npmRoots: [join(folder, 'packages')] });
  return store.place(pushed({ 'model.onnx': { text: 'weights', source } }), { signal: never });
}

test('files below a root are read, by relative and absolute paths and by links that stay inside', async (t) => {
  const folder = layOut(t);
  const file = join(folder, 'root/sub/model.onnx');
  const sources = ['file:sub/model.onnx', `file:${file}`, pathToFileURL(file).href, 'file:inside/model.onnx'];
  for (const source of [...sources, 'npm:@org/pkg/model.onnx']) await placeFrom(t, folder, source);
});

test('what lies outside is refused without a word whether it is there', async (t) => {
  const folder = layOut(t);
  const outside = ['file:../secret', `file:${folder}/secret`, 'file:/etc/passwd', 'file:/etc/not-there', 'file:link'];
  for (const source of outside) {
    const message = `file 'model.onnx': '${source.slice(5)}' is not below --artifact-roots`;
    await assert.rejects(placeFrom(t, folder, source), { code: 'PERMISSION_DENIED', message });
  }
  const link = placeFrom(t, folder, 'npm:@org/pkg/link');
  await assert.rejects(link, { code: 'PERMISSION_DENIED', message: /leads out of its folder/ });
});

test('names that are none of a package lead nowhere', async (t) => {
  const folder = layOut(t);
  for (const source of ['npm:../secret', 'npm:@org/../../../secret', 'npm:./x', 'npm:@org/..', 'npm:..\\x/y'])
    await assert.rejects(placeFrom(t, folder, source), { code: /PERMISSION_DENIED|NOT_FOUND/ });
});

test('what is not there, is no plain file, or has a scheme that there is not, is refused', async (t) => {
  const folder = layOut(t);
  await assert.rejects(placeFrom(t, folder, 'file:absent'), { code: 'NOT_FOUND' });
  await assert.rejects(placeFrom(t, folder, 'npm:absent/x'), { code: 'NOT_FOUND' });
  await assert.rejects(placeFrom(t, folder, 'file:sub'), { code: 'PERMISSION_DENIED', message: /no plain file/ });
  for (const source of ['ftp://x/y', 'model.onnx', 'data:,x', 'file:', 'file://host/x', 'nats:0', ':'])
    await assert.rejects(placeFrom(t, folder, source), { code: 'INVALID_ARGUMENT' });
});
