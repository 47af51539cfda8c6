// Folders on a real disk, right and wrong.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { usageExitCode } from '../usage-error.ts';
import { readModelFolder } from './model-folder.ts';

describe('a folder to push', () => {
  let root: string;
  let count = 0;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'weft-folder-'));
  });
  after(() => rmSync(root, { recursive: true }));

  function folder(files: Readonly<Record<string, string>>): string {
    const directory = join(root, String(++count), 'fraud');
    mkdirSync(directory, { recursive: true });
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    }
    return directory;
  }

  const paths = (read: ReturnType<typeof readModelFolder>) => read.files.map(({ path }) => path);

  function refused(files: Readonly<Record<string, string>>, message: RegExp, prepare = (_directory: string) => {}) {
    const directory = folder(files);
    prepare(directory);
    assert.throws(() => readModelFolder({ directory, name: 'fraud' }), { exitCode: usageExitCode, message });
  }

  test('in Triton’s layout is its newest version, with the configuration', () => {
    const directory = folder({
      'config.pbtxt': 'name: "fraud" max_batch_size: 8',
      '2/model.onnx': 'a',
      '10/model.onnx': 'ab',
      '10/labels/coco.txt': 'c',
      '10/.DS_Store': 'd',
    });
    const read = readModelFolder({ directory, name: 'fraud' });
    assert.deepEqual(paths(read), ['labels/coco.txt', 'model.onnx']);
    assert.deepEqual([read.version, read.service, read.config.maxBatchSize], ['10', '', 8]);
    assert.deepEqual(read.files[1]?.size, 2);
    assert.equal(readModelFolder({ directory, name: 'fraud', version: '2' }).version, '2');
    assert.throws(() => readModelFolder({ directory, name: 'fraud', version: '3' }), { message: /has no version 3/ });
  });

  test('with just the files leaves the version to the router', () => {
    const directory = folder({ 'config.json': '{"max_batch_size": 4}', 'model.json': '{}', 'group1-shard1': 'x' });
    const read = readModelFolder({ directory, name: 'other-name', service: 'nlp' });
    assert.deepEqual(paths(read), ['group1-shard1', 'model.json']);
    assert.deepEqual([read.name, read.version, read.service, read.config.maxBatchSize], ['other-name', '', 'nlp', 4]);
    assert.equal(readModelFolder({ directory, name: 'fraud', version: '7' }).version, '7');
  });

  test('is served by the service that its configuration names', () => {
    const parameter = 'parameters { key: "weft.service" value { string_value: "vision" } }';
    const directory = folder({ 'config.pbtxt': parameter, 'model.onnx': 'x' });
    assert.equal(readModelFolder({ directory, name: 'fraud' }).service, 'vision');
  });

  test('takes along the files that its configuration refers to, and refers to where they come to lie', () => {
    const parameter = (key: string, value: string) =>
      `parameters { key: "weft.${key}" value { string_value: "${value}" } }`;
    const directory = folder({
      'config.pbtxt': `${parameter('file.labels', 'file:labels.txt')} ${parameter('source', 'file:3/net.onnx')}`,
      'labels.txt': 'cat',
      '3/net.onnx': 'x',
    });
    const read = readModelFolder({ directory, name: 'fraud' });
    assert.deepEqual(paths(read), ['net.onnx', 'labels.txt']);
    assert.equal(read.config.parameters['weft.file.labels']?.stringValue, 'file:3/labels.txt');
    assert.equal(read.config.parameters['weft.source']?.stringValue, 'file:3/net.onnx');
    const bare = folder({
      'config.pbtxt': parameter('file.labels', 'file:labels.txt'),
      'labels.txt': 'x',
      'model.onnx': 'x',
    });
    assert.throws(() => readModelFolder({ directory: bare, name: 'fraud' }), { message: /give --version/ });
  });

  test('may have links inside it', () => {
    const directory = folder({ '1/model.onnx': 'x', '2/readme': 'y' });
    symlinkSync('../1/model.onnx', join(directory, '2', 'model.onnx'));
    assert.deepEqual(paths(readModelFolder({ directory, name: 'fraud' })), ['model.onnx', 'readme']);
  });

  test('is refused when something is wrong with it, naming the file', () => {
    refused({ '1/readme': 'x' }, /1: there is no model file in it: model\.onnx or model\.json/);
    refused(
      { 'config.pbtxt': 'default_model_filename: "net.onnx"', 'model.onnx': 'x' },
      /no model file in it: net\.onnx/,
    );
    refused({}, /there is no file in it to push/);
    refused({ '1/model.onnx': '' }, /1\/model\.onnx: is empty/);
    refused({ 'config.pbtxt': 'max_batch_size: "many"', 'model.onnx': 'x' }, /cannot read fraud\/config\.pbtxt/);
    refused({ 'config.pbtxt': '', 'config.json': '{}', 'model.onnx': 'x' }, /both config\.pbtxt and config\.json/);
    refused({ 'config.pbtxt': 'name: "other"', 'model.onnx': 'x' }, /names the model 'other', not 'fraud'/);
    refused({ 'model.onnx': 'x', 'a\\b': 'x' }, /no path below a version's folder/);
  });

  test('is refused for links that lead out, nowhere or in circles', () => {
    const model = { '1/model.onnx': 'x' };
    refused(model, /1\/passwd: leads out of its folder/, (at) => symlinkSync('/etc/passwd', join(at, '1', 'passwd')));
    refused(model, /1\/etc: leads out of its folder/, (at) => symlinkSync('/etc', join(at, '1', 'etc')));
    refused(model, /1\/gone: leads nowhere/, (at) => symlinkSync('gone-for-good', join(at, '1', 'gone')));
    refused(model, /1\/self: leads in a circle/, (at) => symlinkSync('self', join(at, '1', 'self')));
    refused(model, /1\/up: leads in a circle/, (at) => symlinkSync('../1', join(at, '1', 'up')));
  });

  test('is refused for a reference that leads out of it', () => {
    const parameter = 'parameters { key: "weft.file.x" value { string_value: "file:../../secret" } }';
    refused({ 'config.pbtxt': parameter, '1/model.onnx': 'x' }, /leads out of its folder/, (at) =>
      writeFileSync(join(at, '..', '..', 'secret'), 'x'),
    );
  });
});
