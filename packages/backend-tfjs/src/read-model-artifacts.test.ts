import assert from 'node:assert/strict';
import { mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { readModelArtifacts } from './read-model-artifacts.ts';
import { authorGraph, placeholder, removeAuthored } from './testing/author-model.ts';
import { authorArithmetic, authorDense, authorStrings } from './testing/example-models.ts';

after(removeAuthored);

test('the form of a model and what it needs are told from its file', async () => {
  const graph = await readModelArtifacts(await authorArithmetic());
  assert.equal(graph.format, 'graph');
  assert.deepEqual([...graph.needs.operators].sort(), ['AddV2', 'Const', 'Mul', 'Placeholder', 'Sub']);
  assert.equal(graph.needs.strings, false);
  assert.equal((await readModelArtifacts(await authorStrings())).needs.strings, true);
  assert.equal((await readModelArtifacts(await authorDense())).format, 'layers');
});

test('what the functions of a graph need counts too', async () => {
  const body = {
    signature: { name: 'body', inputArg: [], outputArg: [] },
    nodeDef: [{ name: 'split', op: 'StringSplit', attr: { T: { type: 'DT_STRING' } } }],
  };
  const path = await authorGraph({ nodes: [placeholder('x', 'DT_FLOAT', [1])], functions: [body] });
  const { needs } = await readModelArtifacts(path);
  assert.deepEqual([...needs.operators], ['Placeholder', 'StringSplit']);
  assert.equal(needs.strings, true);
});

test('weights in several files are read as one', async () => {
  const path = await authorArithmetic();
  const bytes = await readFile(join(dirname(path), 'weights.bin'));
  await mkdir(join(dirname(path), 'more'));
  await writeFile(join(dirname(path), 'weights.bin'), bytes.subarray(0, 5));
  await writeFile(join(dirname(path), 'more', 'rest.bin'), bytes.subarray(5));
  const json = await readFile(path, 'utf8');
  await writeFile(path, json.replace('"weights.bin"', '"weights.bin","more/rest.bin"'));
  const { artifacts } = await readModelArtifacts(path);
  assert.deepEqual(new Float32Array(artifacts.weightData as ArrayBuffer), Float32Array.of(1, 10, 100));
});

test('a weight file outside the folder of the model is not read, by path or by link', async () => {
  const path = await authorArithmetic();
  const secret = join(dirname(await authorArithmetic()), 'weights.bin');
  const json = await readFile(path, 'utf8');
  await symlink(secret, join(dirname(path), 'link.bin'));
  for (const shard of [
    'link.bin',
    `../${basename(dirname(secret))}/weights.bin`,
    `.//../${basename(dirname(secret))}/weights.bin`,
  ]) {
    await writeFile(path, json.replace('weights.bin', shard));
    await assert.rejects(readModelArtifacts(path), {
      code: 'INVALID_ARGUMENT',
      message: `the model's weight file ${shard} lies outside its folder`,
    });
  }
  for (const shard of [secret, '..', '.']) {
    await writeFile(path, json.replace('weights.bin', shard));
    await assert.rejects(readModelArtifacts(path), { code: 'INVALID_ARGUMENT' });
  }
});

test('a weight file that is missing or too short is named', async () => {
  const path = await authorArithmetic();
  await truncate(join(dirname(path), 'weights.bin'), 8);
  await assert.rejects(readModelArtifacts(path), {
    code: 'INVALID_ARGUMENT',
    message: "the model's weight files hold 8 bytes, its weights need 12",
  });
  await rm(join(dirname(path), 'weights.bin'));
  await assert.rejects(readModelArtifacts(path), {
    code: 'INVALID_ARGUMENT',
    message: "the model's weight file weights.bin cannot be read",
  });
});

test('a file that is JSON but no model is refused', async () => {
  const path = await authorArithmetic();
  const refused: [string, RegExp][] = [
    ['{}', /is no model of TensorFlow.js: it has no modelTopology/],
    ['[1]', /is no model of TensorFlow.js/],
    ['null', /holds no JSON object/],
    ['{"modelTopology":{"node":[null]}}', /its modelTopology or weightsManifest is malformed/],
    [
      '{"modelTopology":{"node":[]},"weightsManifest":[{"paths":[7],"weights":[]}]}',
      /its modelTopology or weightsManifest is malformed/,
    ],
    ['{"modelTopology":{"node":[]},"weightsManifest":[{}]}', /its modelTopology or weightsManifest is malformed/],
    ['{"modelTopology":{"node":[]},"weightsManifest":[{"paths":[],"weights":[{"dtype":"float32"}]}]}', /malformed/],
  ];
  for (const [text, message] of refused) {
    await writeFile(path, text);
    await assert.rejects(readModelArtifacts(path), { code: 'INVALID_ARGUMENT', message });
  }
});
