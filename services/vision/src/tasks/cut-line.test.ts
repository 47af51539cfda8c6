import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blankImage, pasteImage, type Quad } from '@weft/image';
import { cutLine } from './cut-line.ts';

const quad = (...xy: [number, number, number, number, number, number, number, number]): Quad => [
  { x: xy[0], y: xy[1] },
  { x: xy[2], y: xy[3] },
  { x: xy[4], y: xy[5] },
  { x: xy[6], y: xy[7] },
];

/** White, with a black bar of 40 × 20 at 30,40. */
const page = blankImage(200, 120, [255, 255, 255]);
pasteImage(page, blankImage(40, 20, [0, 0, 0]), { x: 30, y: 40 });

function darkness(pixels: Uint8Array): number {
  return 1 - pixels.reduce((sum, value) => sum + value, 0) / (pixels.length * 255);
}

test('every line is 48 high and 0.9 of its proportional width', async () => {
  for (const corners of [
    quad(30, 40, 70, 40, 70, 60, 30, 60),
    quad(30, 40, 70, 44, 68, 64, 28, 60),
    quad(20, 0, 180, 4, 178, 80, 18, 76),
  ]) {
    const line = await cutLine(page, corners);
    assert.equal(line.height, 48);
    const length = Math.hypot(corners[1].x - corners[0].x, corners[1].y - corners[0].y);
    const height = Math.hypot(corners[3].x - corners[0].x, corners[3].y - corners[0].y);
    assert.ok(Math.abs(line.width - (length / height) * 48 * 0.9) < 1.5, `${line.width}`);
  }
});

test('a level line holds exactly what is inside, also when its corners are a little off', async () => {
  assert.equal(darkness((await cutLine(page, quad(30.3, 40.2, 69.8, 40.2, 69.8, 59.9, 30.3, 59.9))).pixels), 1);
});

test('a line that begins at another corner is turned, not cropped', async () => {
  const down = await cutLine(page, quad(70, 40, 70, 60, 30, 60, 30, 40));
  assert.ok(down.width < down.height);
  assert.ok(darkness(down.pixels) > 0.99);
  const upsideDown = await cutLine(page, quad(70, 60, 30, 60, 30, 20, 70, 20));
  assert.ok(
    darkness(upsideDown.pixels.subarray(0, upsideDown.width * 3 * 20)) > 0.95,
    'the bar, which is below, comes to the top',
  );
});

test('corners outside the image do not break a level line', async () => {
  assert.equal((await cutLine(page, quad(-9, -5, 50, -5, 50, 20, -9, 20))).height, 48);
  assert.equal((await cutLine(page, quad(195, 110, 230, 110, 230, 140, 195, 140))).height, 48);
});
