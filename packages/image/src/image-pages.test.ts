import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { type ImagePage, imagePages } from './image-pages.ts';

/** Pages of one grey each. */
async function animation(format: 'gif' | 'webp', { pages = 3, delay = [40, 0, 250] } = {}): Promise<Buffer> {
  const side = 8;
  const pixels = Buffer.concat(Array.from({ length: pages }, (_, page) => Buffer.alloc(side * side * 3, page * 50)));
  const image = sharp(pixels, { raw: { width: side, height: side * pages, channels: 3, pageHeight: side } });
  return await (format === 'gif' ? image.gif({ delay }) : image.webp({ delay, lossless: true })).toBuffer();
}

async function all(bytes: Buffer): Promise<ImagePage[]> {
  const pages: ImagePage[] = [];
  for await (const page of imagePages(bytes)) pages.push(page);
  return pages;
}

async function firstPixel(bytes: Buffer): Promise<number | undefined> {
  const { data: pixels, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height, info.channels], [8, 8, 3]);
  return pixels[0];
}

for (const format of ['gif', 'webp'] as const) {
  test(`each page of a ${format} animation is an image with its time`, async () => {
    const pages = await all(await animation(format));
    assert.deepEqual(await Promise.all(pages.map(({ bytes }) => firstPixel(bytes))), [0, 50, 100]);
    // What has no delay is shown for a tenth of a second.
    assert.deepEqual(
      pages.map(({ timeMs }) => timeMs),
      [0, 40, 140],
    );
  });
}

test('pages that are too many to be decoded together come in their order', async () => {
  const file = await animation('gif', { pages: 5, delay: [20, 20, 20, 20, 20] });
  const found: unknown[] = [];
  // Two of them are.
  for await (const { bytes, timeMs } of imagePages(file, 8 * 8 * 4 * 2)) found.push([await firstPixel(bytes), timeMs]);
  assert.deepEqual(
    found,
    [0, 1, 2, 3, 4].map((page) => [page * 50, page * 20]),
  );
});

test('what has one page is given as it is, also when it cannot be read', async () => {
  const still = await sharp({ create: { width: 2, height: 2, channels: 3, background: '#fff' } })
    .gif()
    .toBuffer();
  for (const bytes of [still, Buffer.from('GIF89a and no more')])
    assert.deepEqual(await all(bytes), [{ bytes, timeMs: undefined }]);
});

test('an animation that is cut short has the pages that are there, or is left to who decodes it', async () => {
  const gif = await animation('gif', { pages: 5, delay: [20, 20, 20, 20, 20] });
  const found = await all(gif.subarray(0, gif.length * 0.7));
  assert.ok(found.length > 1 && found.length < 5, `${found.length} pages`);
  const webp = (await animation('webp')).subarray(0, -20);
  assert.deepEqual(await all(webp), [{ bytes: webp, timeMs: undefined }]);
});
