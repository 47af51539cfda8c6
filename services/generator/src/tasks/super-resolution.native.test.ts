import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import {
  cropImage,
  decodeEncodedImage,
  decodeImage,
  encodeImage,
  imageTensor,
  resizeImage,
  type RgbImage,
} from '@weft/image';
import type { UpscaleResponse__Output } from '@weft/rpc/messages/weft/generator/v1/UpscaleResponse';
import type { Image__Output } from '@weft/rpc/messages/weft/vision/v1/Image';
import { float32Elements, type Tensor } from '@weft/tensor';
import { attended, defaultModelNames, type OpenModel, openDefaultModel } from '@weft/runtime/testing';
import { catalogue } from '../catalogue.ts';
import { peakSignalToNoise } from '../testing/peak-signal-to-noise.ts';

const upscalePath = '/weft.generator.v1.GeneratorService/Upscale';
const { resolve } = createRequire(import.meta.url);
const noLimit = { maxImagePixels: Number.MAX_SAFE_INTEGER };

/** A photo of people, 384 pixels wide, made from a larger one so that it is sharp; both sides divide by 8. */
async function photo(name: string): Promise<RgbImage> {
  const large = await decodeEncodedImage(await readFile(resolve(`@vladmandic/face-api/demo/${name}`)), name, noLimit);
  const height = Math.floor((384 * large.height) / large.width / 8) * 8;
  return resizeImage(large, { width: 384, height }, 'lanczos3');
}

function scaled(image: RgbImage, factor: number): Promise<RgbImage> {
  return resizeImage(image, { width: image.width * factor, height: image.height * factor }, 'cubic');
}

async function upscale(model: OpenModel, image: RgbImage): Promise<{ image: RgbImage; scale: number }> {
  const request = { image: await encodeImage(image, 'IMAGE_FORMAT_RAW'), format: 'IMAGE_FORMAT_PNG' };
  const response = await model.ask<UpscaleResponse__Output>(upscalePath, request);
  return { image: await decodeImage(response.image as Image__Output, 'image', noLimit), scale: response.scale };
}

/** The least that the model is nearer to the original photos than bicubic interpolation, in decibels of PSNR. */
async function gainOverBicubic(name: string, scale: number): Promise<number> {
  const model = await openDefaultModel(catalogue, name);
  const gains: number[] = [];
  for (const file of ['sample2.jpg', 'sample3.jpg', 'sample4.jpg', 'sample5.jpg']) {
    const original = await photo(file);
    const small = await scaled(original, 1 / scale);
    const enlarged = await upscale(model, small);
    assert.equal(enlarged.scale, scale);
    const bicubic = peakSignalToNoise(await scaled(small, scale), original);
    gains.push(peakSignalToNoise(enlarged.image, original) - bicubic);
  }
  await model.close();
  return Math.min(...gains);
}

test('RRDN-GAN ×4 is at least 1.5 dB nearer to four photos than bicubic interpolation', async () => {
  const gain = await gainOverBicubic('rrdn-gan', 4);
  assert.ok(gain >= 1.5, `${gain.toFixed(2)} dB`);
});

test('ESRGAN ×2 is at least 2 dB nearer to four photos than bicubic interpolation', async () => {
  const gain = await gainOverBicubic('esrgan-x2', 2);
  assert.ok(gain >= 2, `${gain.toFixed(2)} dB`);
});

for (const name of ['rrdn-gan', 'esrgan-x2', 'esrgan-x3', 'esrgan-x4', 'esrgan-x8']) {
  test(`${name} converted to ONNX gives every pixel as on TensorFlow.js, within 1/255 of white`, async () => {
    const face = cropImage(await scaled(await photo('sample2.jpg'), 0.5), { x: 60, y: 20, width: 40, height: 28 });
    const [converted, original] = [
      await openDefaultModel(catalogue, name),
      await openDefaultModel(catalogue, `${name}-tfjs`),
    ];
    const white = name === 'rrdn-gan' ? 1 : 255;
    const results: Float32Array[] = [];
    for (const { task } of [converted, original]) {
      const input = task.tensors?.inputs[0]?.name as string;
      const run = await task.tensors?.run({ [input]: imageTensor([face], { layout: 'NHWC', scale: white / 255 }) });
      results.push(float32Elements(run?.['SR'] as Tensor));
    }
    const [first, second] = results as [Float32Array, Float32Array];
    assert.equal(first.length, second.length);
    const difference = first.reduce((worst, value, at) => Math.max(worst, Math.abs(value - (second[at] as number))), 0);
    assert.ok(difference <= white / 255, `they differ by up to ${(difference / white) * 255}/255`);
    const [one, other] = [await upscale(converted, face), await upscale(original, face)];
    assert.equal(one.scale, other.scale);
    assert.ok(one.image.pixels.every((value, at) => Math.abs(value - (other.image.pixels[at] as number)) <= 1));
    await converted.close();
    await original.close();
  });
}

test('small images of one batch, which share a run, come back as alone', async () => {
  const model = await openDefaultModel(catalogue, 'esrgan-x2');
  const people = await photo('sample2.jpg');
  const faces = [0, 40, 80, 120].map((x) => cropImage(people, { x, y: 20, width: x === 80 ? 24 : 32, height: 32 }));
  const images = await Promise.all(faces.map((face) => encodeImage(face, 'IMAGE_FORMAT_RAW')));
  const requests = images.map((image) => ({ image, format: 'IMAGE_FORMAT_RAW' }));
  const outcomes = await model.method(upscalePath).infer(
    requests,
    requests.map(() => attended),
  );
  for (const [index, request] of requests.entries()) {
    const alone = await model.ask<UpscaleResponse__Output>(upscalePath, request);
    const pixels = (outcomes[index] as UpscaleResponse__Output).image?.raw?.pixels ?? Buffer.alloc(0);
    assert.equal(pixels.length, alone.image?.raw?.pixels.length);
    assert.ok(pixels.every((value, at) => Math.abs(value - (alone.image?.raw?.pixels[at] as number)) <= 1));
  }
  await model.close();
});

test('every model of the repository enlarges by what its name says', async () => {
  const names = defaultModelNames('generator').filter((name) => name !== 'digits');
  assert.equal(names.length, 10);
  const grey = { width: 9, height: 5, channels: 3, pixels: new Uint8Array(9 * 5 * 3).fill(128) } as const;
  for (const name of names) {
    const model = await openDefaultModel(catalogue, name);
    await model.task.warmup(1);
    const { image, scale } = await upscale(model, grey);
    assert.equal(scale, Number(/x(\d)/.exec(name)?.[1] ?? 4), name);
    assert.deepEqual([image.width, image.height], [9 * scale, 5 * scale], name);
    await model.close();
  }
});
