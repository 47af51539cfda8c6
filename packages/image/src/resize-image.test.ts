import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cropImage, fromLetterbox, letterboxImage, pasteImage, resizeImage } from './resize-image.ts';
import { blankImage, type RgbImage, rgbImage } from './rgb-image.ts';

/** Each pixel holds its own x, y and 77. */
function coordinates(width: number, height: number): RgbImage {
  const pixels = Array.from({ length: width * height }, (_, at) => [at % width, Math.floor(at / width), 77]);
  return rgbImage(width, height, Uint8Array.from(pixels.flat()));
}

test('a crop holds exactly its part of the image', () => {
  const part = cropImage(coordinates(5, 4), { x: 1, y: 2, width: 3, height: 2 });
  assert.deepEqual([...part.pixels], [1, 2, 77, 2, 2, 77, 3, 2, 77, 1, 3, 77, 2, 3, 77, 3, 3, 77]);
});

test('a crop that leaves the image is an error', () => {
  for (const [x, y, width, height] of [
    [-1, 0, 2, 2],
    [0, 0, 6, 1],
    [0, 3, 1, 2],
    [0, 0, 0, 1],
  ] as const) {
    assert.throws(() => cropImage(coordinates(5, 4), { x, y, width, height }), RangeError);
  }
});

test('pasting a crop where it came from changes nothing, elsewhere only its own place', () => {
  const image = coordinates(5, 4);
  pasteImage(image, cropImage(image, { x: 1, y: 1, width: 2, height: 2 }), { x: 1, y: 1 });
  assert.deepEqual(image, coordinates(5, 4));
  const target = blankImage(2, 2, [0, 0, 0]);
  pasteImage(target, rgbImage(1, 1, Uint8Array.of(1, 2, 3)), { x: 1, y: 0 });
  assert.deepEqual([...target.pixels], [0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0, 0]);
  assert.throws(() => pasteImage(target, target, { x: 1, y: 0 }), RangeError);
});

test('stretching fills exactly the size asked for', async () => {
  const stretched = await resizeImage(blankImage(10, 4, [9, 99, 199]), { width: 3, height: 30 });
  assert.deepEqual([stretched.width, stretched.height], [3, 30]);
  assert.deepEqual([...stretched.pixels], [...blankImage(3, 30, [9, 99, 199]).pixels]);
});

test('a wide image gets borders above and below, and its points find their way back', async () => {
  const box = await letterboxImage(blankImage(200, 100, [255, 255, 255]), { width: 64, height: 64, colour: [1, 2, 3] });
  assert.deepEqual([box.left, box.top, box.scaleX, box.scaleY], [0, 16, 0.32, 0.32]);
  assert.deepEqual([...box.image.pixels.subarray(0, 3)], [1, 2, 3]);
  assert.deepEqual([...box.image.pixels.subarray(32 * 64 * 3, 32 * 64 * 3 + 3)], [255, 255, 255]);
  assert.deepEqual(fromLetterbox(box, 32, 32), { x: 100, y: 50 });
  assert.deepEqual(box.original, { width: 200, height: 100 });
});

test('a tall image put into the corner has its border at the right', async () => {
  const box = await letterboxImage(blankImage(10, 40, [255, 255, 255]), { width: 20, height: 20, place: 'corner' });
  assert.deepEqual([box.left, box.top, box.scaleX, box.scaleY], [0, 0, 0.5, 0.5]);
  assert.deepEqual([...box.image.pixels.subarray(4 * 3, 6 * 3)], [255, 255, 255, 0, 0, 0]);
});

test('even a thread of one pixel keeps a pixel when it shrinks', async () => {
  const box = await letterboxImage(blankImage(1000, 1, [255, 255, 255]), { width: 10, height: 10 });
  assert.equal(box.image.pixels.filter((value) => value === 255).length, 30);
});
