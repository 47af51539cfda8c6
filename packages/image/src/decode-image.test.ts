import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { WeftError } from '@weft/errors';
import type { Image__Output } from '@weft/rpc/messages/weft/vision/v1/Image';
import sharp, { type Sharp } from 'sharp';
import { decodeImage } from './decode-image.ts';

const limits = { maxImagePixels: 10_000 };

/** 40×30, red on the left half, green on the right, with enough noise that no format shrinks it to nothing. */
function sample(): Sharp {
  const pixels = Buffer.alloc(40 * 30 * 3);
  for (let index = 0; index < 40 * 30; index++) {
    pixels[index * 3 + (index % 40 < 20 ? 0 : 1)] = 235 + ((index * 7919) % 20);
    pixels[index * 3 + 2] = (index * 31) % 20;
  }
  return sharp(pixels, { raw: { width: 40, height: 30, channels: 3 } });
}

const files: [string, Promise<Buffer>][] = [
  ['JPEG', sample().jpeg().toBuffer()],
  ['PNG', sample().png().toBuffer()],
  ['WebP', sample().webp({ lossless: true }).toBuffer()],
  ['GIF', sample().gif().toBuffer()],
  ['TIFF', sample().tiff().toBuffer()],
  ['AVIF', sample().avif().toBuffer()],
];

async function refusal(
  image: Image__Output | null | undefined,
  maxImagePixels = limits.maxImagePixels,
): Promise<string> {
  const error: unknown = await decodeImage(image, 'image', { maxImagePixels }).then(
    () => assert.fail('decoded'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof WeftError, String(error));
  assert.equal(error.code, 'INVALID_ARGUMENT');
  return error.message;
}

/** A raw image of this width, height and number of channels. */
const raw = ([width, height, channels]: [number, number, number], pixels: Buffer): Image__Output => ({
  raw: { width, height, channels, pixels },
});

for (const [format, file] of files) {
  test(`${format} files are decoded to RGB`, async () => {
    const image = await decodeImage({ encoded: await file }, 'image', limits);
    assert.deepEqual([image.width, image.height, image.channels, image.pixels.length], [40, 30, 3, 3600]);
    const [left, right] = [
      image.pixels.subarray(15 * 120 + 15, 15 * 120 + 18),
      image.pixels.subarray(15 * 120 + 90, 15 * 120 + 93),
    ];
    assert.ok((left[0] as number) > 200 && (left[1] as number) < 60, `left is ${left.join()}`);
    assert.ok((right[0] as number) < 60 && (right[1] as number) > 200, `right is ${right.join()}`);
  });

  test(`a truncated ${format} file is refused, whether its header is whole or not`, async () => {
    const bytes = await file;
    for (const length of [16, Math.floor(bytes.length / 2), Math.floor(bytes.length * 0.8)]) {
      assert.equal(
        await refusal({ encoded: bytes.subarray(0, length) }),
        `image: ${format} image is truncated or damaged`,
      );
    }
  });

  test(`a ${format} file over the pixel limit is refused with the limit`, async () => {
    assert.equal(await refusal({ encoded: await file }, 1199), 'image: 40×30 is 1200 pixels, over the limit of 1199');
    assert.equal((await decodeImage({ encoded: await file }, 'image', { maxImagePixels: 1200 })).width, 40);
  });
}

test('a file that only announces a huge size is refused by its header alone', async () => {
  const png = await sample().png().toBuffer();
  png.writeUInt32BE(100_000, 16);
  png.writeUInt32BE(100_000, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  assert.equal(await refusal({ encoded: png }), 'image: 100000×100000 is 10000000000 pixels, over the limit of 10000');
});

test('no image at all and an empty one are refused as empty', async () => {
  for (const image of [undefined, null, {}, { encoded: Buffer.alloc(0) }])
    assert.equal(await refusal(image), 'image: empty image');
});

test('formats outside the list are refused, also those that libvips could read', async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  for (const encoded of [svg, Buffer.from('hello'), Buffer.from([1])]) {
    assert.equal(
      await refusal({ encoded }),
      'image: unknown image format, expected one of JPEG, PNG, WebP, GIF, TIFF, AVIF',
    );
  }
});

test('a raw image must have a size, 1, 3 or 4 channels, and the bytes they ask for', async () => {
  assert.equal(
    await refusal(raw([10, 10, 3], Buffer.alloc(12))),
    'image.raw.pixels: expected 300 bytes (10×10×3), got 12',
  );
  assert.equal(
    await refusal(raw([0, 10, 3], Buffer.alloc(0))),
    'image.raw: width and height must be at least 1, got 0×10',
  );
  assert.equal(await refusal(raw([2, 2, 2], Buffer.alloc(8))), 'image.raw.channels: expected 1, 3 or 4, got 2');
  assert.equal(
    await refusal(raw([101, 100, 1], Buffer.alloc(10100))),
    'image.raw: 101×100 is 10100 pixels, over the limit of 10000',
  );
});

test('raw grey is spread over three channels and raw transparency is laid on white', async () => {
  const grey = await decodeImage(raw([2, 1, 1], Buffer.from([7, 9])), 'image', limits);
  assert.deepEqual([...grey.pixels], [7, 7, 7, 9, 9, 9]);
  const half = await decodeImage(raw([2, 1, 4], Buffer.from([200, 100, 0, 255, 0, 0, 0, 51])), 'image', limits);
  assert.deepEqual([...half.pixels], [200, 100, 0, 204, 204, 204]);
});

test('transparent, grey and 16-bit files become 8-bit RGB', async () => {
  const clear = await sharp({
    create: { width: 2, height: 2, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0 } },
  })
    .png()
    .toBuffer();
  assert.deepEqual([...(await decodeImage({ encoded: clear }, 'image', limits)).pixels], new Array(12).fill(255));
  const grey = await sharp({ create: { width: 2, height: 2, channels: 3, background: { r: 90, g: 90, b: 90 } } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
  assert.equal((await sharp(grey).metadata()).channels, 1);
  assert.deepEqual([...(await decodeImage({ encoded: grey }, 'image', limits)).pixels], new Array(12).fill(90));
  const deep = await sharp({ create: { width: 2, height: 2, channels: 3, background: { r: 200, g: 100, b: 50 } } })
    .toColourspace('rgb16')
    .png()
    .toBuffer();
  assert.equal((await sharp(deep).metadata()).depth, 'ushort');
  assert.deepEqual([...(await decodeImage({ encoded: deep }, 'image', limits)).pixels.subarray(0, 3)], [200, 100, 50]);
});

test('orientation tags are obeyed', async () => {
  const turned = await sample().withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const image = await decodeImage({ encoded: turned }, 'image', limits);
  assert.deepEqual([image.width, image.height], [30, 40]);
  assert.ok((image.pixels[0] as number) > 200, 'red, which was left, is on top');
});

test('the first frame of an animation counts', async () => {
  const frames = await sharp(Buffer.concat([Buffer.alloc(12, 0), Buffer.alloc(12, 255)]), {
    raw: { width: 2, height: 4, channels: 3, pageHeight: 2 },
  })
    .gif()
    .toBuffer();
  assert.equal((await sharp(frames).metadata()).pages, 2);
  const image = await decodeImage({ encoded: frames }, 'image', { maxImagePixels: 4 });
  assert.deepEqual([image.width, image.height, ...image.pixels.subarray(0, 3)], [2, 2, 0, 0, 0]);
});
