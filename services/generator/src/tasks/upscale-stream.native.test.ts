import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import {
  blankImage,
  cropImage,
  decodeEncodedImage,
  decodeImage,
  encodeImage,
  type ImageSize,
  imageTensor,
  pasteImage,
  resizeImage,
  type RgbImage,
} from '@weft/image';
import type { UpscaleTile__Output } from '@weft/rpc/messages/weft/generator/v1/UpscaleTile';
import { type OpenModel, openDefaultModel } from '@weft/runtime/testing';
import type { Tensor } from '@weft/tensor';
import { catalogue } from '../catalogue.ts';
import { askStream } from '../testing/ask-stream.ts';
import { imageFromTensor } from './image-from-tensor.ts';

const { resolve } = createRequire(import.meta.url);
const noLimit = { maxImagePixels: Number.MAX_SAFE_INTEGER };

/** The middle of a photo of people. */
async function photo(name: string, { width, height }: ImageSize): Promise<RgbImage> {
  const large = await decodeEncodedImage(await readFile(resolve(`@vladmandic/face-api/demo/${name}`)), name, noLimit);
  const scaled = { width: 640, height: Math.round((640 * large.height) / large.width) };
  const [x, y] = [Math.floor((scaled.width - width) / 2), Math.floor((scaled.height - height) / 2)];
  return cropImage(await resizeImage(large, scaled, 'lanczos3'), { x, y, width, height });
}

async function joinedTiles(model: OpenModel, image: RgbImage): Promise<{ joined: RgbImage; tiles: number }> {
  const request = { image: await encodeImage(image, 'IMAGE_FORMAT_RAW'), format: 'IMAGE_FORMAT_RAW' };
  let joined: RgbImage | undefined;
  let tiles = 0;
  for await (const tile of askStream<UpscaleTile__Output>(model.task, 'UpscaleStream', { request })) {
    joined ??= blankImage(tile.width, tile.height, [0, 0, 0]);
    pasteImage(joined, await decodeImage(tile.image, 'image', noLimit), tile);
    tiles++;
  }
  return { joined: joined as RgbImage, tiles };
}

async function untiled(model: OpenModel, image: RgbImage, white: number): Promise<RgbImage> {
  const input = model.task.tensors?.inputs[0]?.name as string;
  const run = await model.task.tensors?.run({ [input]: imageTensor([image], { layout: 'NHWC', scale: white / 255 }) });
  return imageFromTensor(run?.['SR'] as Tensor, white);
}

for (const [name, white, photos] of [
  ['rrdn-gan', 1, ['sample2.jpg', 'sample4.jpg']],
  ['esrgan-x2', 255, ['sample2.jpg', 'sample3.jpg']],
  ['esrgan-x3', 255, ['sample3.jpg']],
  ['esrgan-x4', 255, ['sample4.jpg']],
  ['esrgan-x8', 255, ['sample5.jpg']],
] as const) {
  test(`the tiles of ${name} joined equal the untiled result within 2/255, at every pixel`, async (t) => {
    const model = await openDefaultModel(catalogue, name);
    for (const file of photos) {
      // One that the model takes whole, and that is wider than a tile; of the fast one also higher.
      const image = await photo(file, { width: 200, height: name === 'esrgan-x2' ? 208 : 80 });
      const { joined, tiles } = await joinedTiles(model, image);
      assert.equal(tiles, name === 'esrgan-x2' ? 4 : 2);
      const whole = await untiled(model, image, white);
      assert.deepEqual([joined.width, joined.height], [whole.width, whole.height]);
      const worst = whole.pixels.reduce(
        (most, value, at) => Math.max(most, Math.abs(value - (joined.pixels[at] as number))),
        0,
      );
      t.diagnostic(`${file}: they differ by ${worst}/255 at most`);
      assert.ok(worst <= 2, `${file}: they differ by up to ${worst}/255`);
    }
    await model.close();
  });
}
