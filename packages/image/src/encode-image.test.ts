import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Image__Output } from '@weft/rpc/messages/weft/vision/v1/Image';
import sharp from 'sharp';
import { decodeImage } from './decode-image.ts';
import { encodeImage } from './encode-image.ts';
import { rgbImage } from './rgb-image.ts';

const limits = { maxImagePixels: 1000 };
const image = rgbImage(
  16,
  9,
  Uint8Array.from({ length: 16 * 9 * 3 }, (_, index) => 100 + (index % 3) * 50),
);

test('PNG, the unspecified format and RAW give back every pixel', async () => {
  for (const format of ['IMAGE_FORMAT_PNG', 'IMAGE_FORMAT_UNSPECIFIED', 'IMAGE_FORMAT_RAW'] as const) {
    const message = (await encodeImage(image, format)) as Image__Output;
    assert.deepEqual(
      Buffer.from((await decodeImage(message, 'image', limits)).pixels),
      Buffer.from(image.pixels),
      format,
    );
  }
});

test('each format is what it says', async () => {
  for (const [format, name] of [
    ['IMAGE_FORMAT_PNG', 'png'],
    ['IMAGE_FORMAT_UNSPECIFIED', 'png'],
    ['IMAGE_FORMAT_JPEG', 'jpeg'],
    ['IMAGE_FORMAT_WEBP', 'webp'],
  ] as const) {
    const message = await encodeImage(image, format);
    assert.equal((await sharp(message.encoded as Buffer).metadata()).format, name);
  }
  assert.deepEqual(await encodeImage(image, 'IMAGE_FORMAT_RAW'), {
    raw: { width: 16, height: 9, channels: 3, pixels: image.pixels },
  });
});

test('JPEG and WebP stay close to the pixels', async () => {
  for (const format of ['IMAGE_FORMAT_JPEG', 'IMAGE_FORMAT_WEBP'] as const) {
    const decoded = await decodeImage((await encodeImage(image, format)) as Image__Output, 'image', limits);
    const worst = Math.max(...decoded.pixels.map((value, index) => Math.abs(value - (image.pixels[index] as number))));
    assert.ok(worst <= 8, `${format} is off by ${worst}`);
  }
});
