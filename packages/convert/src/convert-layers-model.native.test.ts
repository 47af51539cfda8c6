import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { WeftError } from '@weft/errors';
import { convertLayersModel } from './convert-layers-model.ts';
import { readModelInterface } from './read-model-interface.ts';
import { inferOnnx, openOnnx } from './testing/onnx-session.ts';
import { installedFile } from './testing/installed-file.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { largestDifference, testImage } from './testing/test-image.ts';
import { inferTfjs, loadTfjsModel, startTfjs } from './testing/tfjs-reference.ts';

const gans = installedFile('npm:@upscalerjs/models/models/idealo/gans/model.json');
const slim = (scale: number) => installedFile(`npm:@upscalerjs/esrgan-slim/models/x${scale}/model.json`);
const upscalers = [
  { name: 'RRDN-GAN x4', path: gans, scale: 4, input: 'LR_input' },
  { name: 'ESRGAN slim x2', path: slim(2), scale: 2, input: 'LR' },
  { name: 'ESRGAN slim x3', path: slim(3), scale: 3, input: 'LR' },
  { name: 'ESRGAN slim x4', path: slim(4), scale: 4, input: 'LR' },
  { name: 'ESRGAN slim x8', path: slim(8), scale: 8, input: 'LR' },
];

before(startTfjs);

for (const { name, path, scale, input } of upscalers) {
  test(`${name} computes the same pixels on onnxruntime as on TensorFlow.js`, async () => {
    const { onnx, inputs, outputs } = await convertLayersModel(path);
    assert.deepEqual(inputs, [{ name: input, datatype: 'FP32', shape: [-1, -1, -1, 3] }]);
    assert.deepEqual(outputs, [{ name: 'SR', datatype: 'FP32', shape: [-1, -1, -1, 3] }]);
    assert.deepEqual(readModelInterface(onnx), { inputs, outputs, externalLocations: [] });

    const model = await loadTfjsModel(path);
    const session = await openOnnx(onnx);
    for (const image of [testImage(1, 24, 24), testImage(2, 9, 14)]) {
      const [expected] = inferTfjs(model, [image]);
      const [got] = await inferOnnx(session, [image]);
      const [batch = 0, height = 0, width = 0] = image.shape;
      assert.deepEqual(got?.shape, [batch, height * scale, width * scale, 3]);
      assert.deepEqual(expected?.shape, got.shape);
      const difference = largestDifference(expected.values, got.values);
      assert.ok(difference < 0.2 / 255, `a pixel differs by ${difference * 255} of 255`);
    }
    model.dispose();
    await session.release();
  });
}

test('a convolutional model is transposed once at its entry and once at its exit', async () => {
  const { onnx } = await convertLayersModel(gans);
  // A node's operator is its field 4, a text: in bytes 0x22, the length 9, and the name.
  assert.equal(Buffer.from(onnx).toString('latin1').split('\x22\x09Transpose').length - 1, 2);
});

test('the same model gives the same bytes', async () => {
  const [first, second] = await Promise.all([convertLayersModel(slim(2)), convertLayersModel(slim(2))]);
  assert.deepEqual(Buffer.from(first.onnx), Buffer.from(second.onnx));
});

test('every opset that is allowed loads and computes the same', async () => {
  const image = testImage(1, 8, 8);
  const results = [];
  for (const opset of [17, 18, 19, 20, 21]) {
    const session = await openOnnx((await convertLayersModel(slim(3), { opset })).onnx);
    results.push((await inferOnnx(session, [image]))[0]?.values);
    await session.release();
  }
  for (const values of results.slice(1)) assert.deepEqual(values, results[0]);
  for (const opset of [16, 22, 17.5])
    await rejects(convertLayersModel(slim(3), { opset }), 'INVALID_ARGUMENT', /opset/);
});

test('what is not a layers model is refused with the reason', async () => {
  const folder = temporaryFolder();
  const refused: [string, unknown, string, RegExp][] = [
    ['graph.json', { format: 'graph-model', modelTopology: {} }, 'UNIMPLEMENTED', /graph\.json is a graph model/],
    ['other.json', { a: 1 }, 'INVALID_ARGUMENT', /other\.json is not the model\.json/],
    ['list.json', [], 'INVALID_ARGUMENT', /list\.json is not the model\.json/],
    ['empty.json', { modelTopology: {} }, 'INVALID_ARGUMENT', /not a layers model: class_name is not text/],
  ];
  for (const [file, json, code, message] of refused) {
    await writeFile(join(folder, file), JSON.stringify(json));
    await rejects(convertLayersModel(join(folder, file)), code, message);
  }
  await writeFile(join(folder, 'torn.json'), '{"modelTopology":');
  await rejects(convertLayersModel(join(folder, 'torn.json')), 'INVALID_ARGUMENT', /torn\.json is not JSON/);
  await rejects(convertLayersModel(join(folder, 'none.json')), 'NOT_FOUND', /none\.json cannot be read/);
});

async function rejects(promise: Promise<unknown>, code: string, message: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof WeftError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}
