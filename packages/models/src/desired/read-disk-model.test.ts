import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { readDiskModel } from './read-disk-model.ts';

const root = mkdtempSync(join(tmpdir(), 'weft-disk-model-'));
after(() => rmSync(root, { recursive: true }));

function write(path: string, content = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

const read = (name: string) =>
  readDiskModel({ defaultRepository: join(root, 'defaults'), repositories: [join(root, 'mine')] }, name, []);

test('a model is found where it lies, with every version; one that is nowhere is not', () => {
  write('defaults/nlp/e/1/model.onnx');
  write('mine/m/1/model.onnx');
  write('mine/m/2/model.onnx');
  assert.equal(read('e')?.model.isDefault, true);
  assert.deepEqual([read('m')?.model.present, read('m')?.model.versions], [['2', '1'], ['2']]);
  assert.equal(read('gone'), undefined);
  assert.throws(() => read('../m'), { code: 'INVALID_ARGUMENT' });
});

test('a version has another fingerprint once one of its files has changed, and the others have not', () => {
  write('mine/f/config.pbtxt', 'parameters { key: "weft.file.labels" value { string_value: "file:labels.txt" } }');
  write('mine/f/labels.txt', 'cat');
  write('mine/f/1/model.onnx', 'one');
  write('mine/f/2/model.onnx', 'two');
  const prints = () => [...(read('f')?.fingerprints.entries() ?? [])];
  const [second, first] = prints();
  assert.deepEqual(prints(), [second, first]);
  write('mine/f/2/model.onnx', 'four');
  const [changed, same] = prints();
  assert.notDeepEqual(changed, second);
  assert.deepEqual(same, first);
  write('mine/f/labels.txt', 'dog');
  utimesSync(join(root, 'mine/f/labels.txt'), 1, 1);
  assert.notDeepEqual(prints()[1], first);
});
