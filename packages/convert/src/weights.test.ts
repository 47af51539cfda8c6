import assert from 'node:assert/strict';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { readWeights } from './weights.ts';

const float = (name: string, shape: number[]) => ({ name, shape, dtype: 'float32' });
const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);

/** A folder with these files. */
async function folderWith(files: Record<string, Uint8Array>): Promise<string> {
  const folder = temporaryFolder();
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

test('a weight may lie across shards', async () => {
  const bytes = floats(1, 2, 3, 4, 5);
  const folder = await folderWith({ a: bytes.subarray(0, 7), b: bytes.subarray(7) });
  const find = await readWeights(folder, [
    { paths: ['a', './b'], weights: [float('d/bias', [2]), float('d/kernel', [3, 1])] },
  ]);
  assert.deepEqual(find(['d'], 'bias'), { shape: [2], values: Float32Array.of(1, 2) });
  assert.deepEqual(find(['d'], 'kernel'), { shape: [3, 1], values: Float32Array.of(3, 4, 5) });
  assert.equal(find(['d'], 'alpha'), undefined);
});

test('quantized weights come back as TensorFlow.js computes them', async () => {
  const folder = await folderWith({
    w: Buffer.from([0, 1, 255, 0, 0, 0, 1, 255, 255, 0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b]),
  });
  const quantized = (name: string, size: number, quantization: object) => ({ ...float(name, [size]), quantization });
  const find = await readWeights(folder, [
    {
      paths: ['w'],
      weights: [
        quantized('l/bytes', 3, { dtype: 'uint8', scale: 0.1, min: -1, original_dtype: 'float32' }),
        quantized('l/words', 3, { dtype: 'uint16', scale: 0.5, min: 2 }),
        quantized('l/halves', 4, { dtype: 'float16' }),
      ],
    },
  ]);
  assert.deepEqual(find(['l'], 'bytes')?.values, Float32Array.of(-1, -0.9, 24.5));
  assert.deepEqual(find(['l'], 'words')?.values, Float32Array.of(2, 130, 32769.5));
  assert.deepEqual(find(['l'], 'halves')?.values, Float32Array.of(1, -2, 2 ** -24, 65504));
});

test('a nested layer is found by its whole path, by a part of it, and under a level that the writer added', async () => {
  const names = ['outer/inner/a/kernel', 'inner/b/kernel', 'c/kernel', 'd/cell/kernel', 'e/x/kernel', 'e/y/kernel'];
  const folder = await folderWith({ w: floats(1, 2, 3, 4, 5, 6) });
  const find = await readWeights(folder, [{ paths: ['w'], weights: names.map((name) => float(name, [1])) }]);
  const value = (layer: string) => find(['outer', 'inner', layer], 'kernel')?.values[0];
  assert.deepEqual(['a', 'b', 'c', 'd', 'e'].map(value), [1, 2, 3, 4, undefined]);
});

test('shards that do not hold what the manifest says are refused with both numbers', async () => {
  const folder = await folderWith({ short: floats(1, 2), long: floats(1, 2, 3, 4) });
  const group = (path: string) => [{ paths: [path], weights: [float('d/kernel', [3])] }];
  const refuses = (path: string, message: RegExp) =>
    assert.rejects(readWeights(folder, group(path)), { code: 'INVALID_ARGUMENT', message });
  await refuses('short', /short: expected 12 bytes of weights, found 8/);
  await refuses('long', /long: expected 12 bytes or fewer, found 16/);
  await assert.rejects(readWeights(folder, group('none')), {
    code: 'NOT_FOUND',
    message: /weight file none cannot be read/,
  });
});

test("no file outside the model's folder is read, through a path or a link", async () => {
  const outside = await folderWith({ secret: floats(1) });
  const folder = await folderWith({ here: floats(1) });
  await symlink(join(outside, 'secret'), join(folder, 'link'));
  await symlink(outside, join(folder, 'folder'));
  await symlink('here', join(folder, 'inside'));
  const read = (path: string) => readWeights(folder, [{ paths: [path], weights: [float('d/kernel', [1])] }]);
  for (const path of ['link', 'folder/secret', `../${outside.split('/').at(-1)}/secret`]) {
    await assert.rejects(read(path), { code: 'INVALID_ARGUMENT', message: /lies outside the model's folder/ }, path);
  }
  for (const path of [join(outside, 'secret'), '/etc/hostname']) await assert.rejects(read(path), /weight file/, path);
  await assert.rejects(read('.'), /lies outside|not a plain file/);
  await assert.rejects(read('here\0'), /a path that is not text/);
  assert.deepEqual((await read('inside'))(['d'], 'kernel')?.values, Float32Array.of(1));
});

test('a manifest of another form is refused', async () => {
  const folder = await folderWith({ w: floats(1) });
  const refused: [unknown, RegExp][] = [
    [undefined, /a list is missing/],
    [[{ paths: ['w'] }], /a list is missing/],
    [[{ paths: ['w'], weights: [float('k', [-1])] }], /weight k has no valid shape/],
    [[{ paths: ['w'], weights: [{ name: 'k', shape: [1], dtype: 'string' }] }], /weight k is stored as string/],
    [
      [{ paths: ['w'], weights: [{ ...float('k', [1]), quantization: { dtype: 'uint4' } }] }],
      /weight k has an unknown quantization/,
    ],
    [[{ paths: ['w'], weights: [float('k', [0]), float('k', [1])] }], /weight k is there twice/],
  ];
  for (const [manifest, message] of refused)
    await assert.rejects(readWeights(folder, manifest), { code: 'INVALID_ARGUMENT', message });
});
