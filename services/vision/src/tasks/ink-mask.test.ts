import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blankImage, pasteImage, type Rgb } from '@weft/image';
import { inkMask, otsuThreshold } from './ink-mask.ts';

/** Paper of 8 × 6 with a bar of 4 × 2 at 2,2. */
function bar(paper: Rgb, ink: Rgb): string {
  const image = blankImage(8, 6, paper);
  pasteImage(image, blankImage(4, 2, ink), { x: 2, y: 2 });
  return [...inkMask(image)].join('').replace(/.{8}/g, '$& ').trim();
}

const found = '00000000 00000000 00111100 00111100 00000000 00000000';

test('ink is found dark on light, light on dark, and in colour on grey', () => {
  assert.equal(bar([255, 255, 255], [0, 0, 0]), found);
  assert.equal(bar([20, 20, 20], [240, 240, 240]), found);
  assert.equal(bar([180, 180, 180], [200, 0, 0]), found);
});

test('paper with next to no contrast has nothing drawn on it', () => {
  assert.equal(bar([200, 200, 200], [200, 200, 200]).includes('1'), false);
  assert.equal(bar([200, 200, 200], [180, 180, 180]).includes('1'), false);
});

test("Otsu's threshold lies between two groups of values", () => {
  const threshold = otsuThreshold(Uint8Array.of(1, 2, 3, 2, 1, 90, 91, 92));
  assert.ok(threshold >= 3 && threshold < 90, `${threshold}`);
});
