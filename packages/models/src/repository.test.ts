import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { resolveArtifact } from './artifact.ts';
import { scanRepositories } from './repository.ts';

const root = mkdtempSync(join(tmpdir(), 'weft-repository-'));
after(() => rmSync(root, { recursive: true }));

function write(path: string, content = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

test('a repository without any configuration serves its newest version from the custom service', () => {
  write('plain/m/2/model.onnx');
  write('plain/m/10/model.onnx');
  write('plain/m/notes/readme.txt');
  const [model] = scanRepositories({ defaultRepository: undefined, repositories: [join(root, 'plain')] });
  assert.deepEqual([model?.name, model?.service, model?.versions, model?.problem], ['m', 'custom', ['10'], undefined]);
});

test('a model that cannot be read is listed with its problem and the others serve', () => {
  write('mixed/bad/config.pbtxt', 'max_batch_size: "many"');
  write('mixed/empty/config.pbtxt', '');
  write('mixed/good/1/model.onnx');
  const models = scanRepositories({ defaultRepository: undefined, repositories: [join(root, 'mixed')] });
  const problems = Object.fromEntries(models.map((model) => [model.name, model.problem]));
  assert.match(problems['bad'] ?? '', /failed to poll from model repository: cannot read .*config\.pbtxt/);
  assert.match(problems['empty'] ?? '', /has no version to serve/);
  assert.equal(problems['good'], undefined);
});

test('a link that leads nowhere is passed over, one to a folder is a model', () => {
  write('elsewhere/1/model.onnx');
  write('linked/good/1/model.onnx');
  symlinkSync(join(root, 'nowhere'), join(root, 'linked/dangling'));
  symlinkSync(join(root, 'elsewhere'), join(root, 'linked/link'));
  const models = scanRepositories({ defaultRepository: undefined, repositories: [join(root, 'linked')] });
  assert.deepEqual(
    models.map(({ name, problem }) => [name, problem]),
    [
      ['good', undefined],
      ['link', undefined],
    ],
  );
});

test('the default repository has a level for services; its models are defaults', () => {
  write(
    'defaults/nlp/e/config.pbtxt',
    'parameters { key: "weft.service" value { string_value: "nlp" } } parameters { key: "weft.source" value { string_value: "npm:p/m.onnx" } }',
  );
  const [model] = scanRepositories({ defaultRepository: join(root, 'defaults'), repositories: [] });
  assert.deepEqual([model?.name, model?.service, model?.versions, model?.isDefault], ['e', 'nlp', ['1'], true]);
});

test('an ensemble needs no version folder: it is version 1', () => {
  write('ensembles/e/config.pbtxt', 'platform: "ensemble"');
  const [model] = scanRepositories({ defaultRepository: undefined, repositories: [join(root, 'ensembles')] });
  assert.deepEqual([model?.versions, model?.problem], [['1'], undefined]);
});

test('one name in two places is an error that names both', () => {
  write('first/twin/1/model.onnx');
  write('second/twin/1/model.onnx');
  const repositories = [join(root, 'first'), join(root, 'second')];
  assert.throws(
    () => scanRepositories({ defaultRepository: undefined, repositories }),
    /two models are named 'twin': .*first\/twin and .*second\/twin/,
  );
});

test('a repository that is not there is an error', () => {
  assert.throws(() => scanRepositories({ defaultRepository: undefined, repositories: [join(root, 'nowhere')] }), {
    code: 'NOT_FOUND',
  });
});

test('files are found by scheme and none leads out of its root', () => {
  write('files/m/1/model.onnx');
  write('files/m/labels.txt');
  write('files/outside.txt');
  write('files/node_modules/@s/pkg/a/model.json');
  symlinkSync(join(root, 'files/outside.txt'), join(root, 'files/m/link.txt'));
  const [model] = scanRepositories({ defaultRepository: undefined, repositories: [join(root, 'files')] }).filter(
    ({ name }) => name === 'm',
  );
  assert.ok(model);
  const withParameters = (parameters: Record<string, string>) => {
    const config = {
      ...model.config,
      parameters: Object.fromEntries(Object.entries(parameters).map(([key, stringValue]) => [key, { stringValue }])),
    };
    return resolveArtifact({ directory: model.directory, config }, '1', [join(root, 'files')]);
  };
  assert.equal(withParameters({}).model, join(root, 'files/m/1/model.onnx'));
  assert.equal(
    withParameters({ 'weft.file.labels': 'file:labels.txt' }).files['labels'],
    join(root, 'files/m/labels.txt'),
  );
  const fromPackage = withParameters({ 'weft.source': 'npm:@s/pkg/a/model.json' });
  assert.deepEqual(
    [fromPackage.model, fromPackage.backend],
    [join(root, 'files/node_modules/@s/pkg/a/model.json'), 'tensorflowjs'],
  );
  assert.throws(() => withParameters({ 'weft.file.x': 'file:../outside.txt' }), {
    code: 'INVALID_ARGUMENT',
    message: /leads out of/,
  });
  assert.throws(() => withParameters({ 'weft.file.x': 'file:link.txt' }), {
    code: 'INVALID_ARGUMENT',
    message: /leads out of/,
  });
  assert.throws(() => withParameters({ 'weft.file.x': 'file:none.txt' }), { code: 'NOT_FOUND' });
  assert.throws(() => withParameters({ 'weft.source': 'npm:absent/x.onnx' }), {
    code: 'NOT_FOUND',
    message: /'absent' is not installed/,
  });
  assert.throws(() => withParameters({ 'weft.source': 'ftp://x' }), { code: 'INVALID_ARGUMENT' });
});
