import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Quad } from '@weft/image';
import { quadSize, textDirections, turnedQuad } from './text-quads.ts';

const rectangle = (width: number, height: number) => ({
  centre: { x: 50, y: 50 },
  along: { x: 1, y: 0 },
  width,
  height,
});
const [a, b, c, d] = [
  { x: 40, y: 20 },
  { x: 60, y: 20 },
  { x: 60, y: 80 },
  { x: 40, y: 80 },
];

test('wide text runs to the right only', () => {
  assert.deepEqual(
    textDirections(rectangle(60, 20)).map((quad) => quad[0]),
    [{ x: 20, y: 40 }],
  );
});

test('a narrow letter may stand upright or lie on its side', () => {
  assert.deepEqual(
    textDirections(rectangle(20, 40)).map((quad) => quad[0]),
    [
      { x: 40, y: 30 },
      { x: 60, y: 30 },
    ],
  );
});

test('a tall region holds text that runs down, its top to the right', () => {
  assert.deepEqual(textDirections(rectangle(20, 60)), [[b, c, d, a]]);
});

test('two quarter turns are text upside down, four are none', () => {
  const quad: Quad = [a, b, c, d];
  assert.deepEqual(turnedQuad(quad, 2), [c, d, a, b]);
  assert.deepEqual(turnedQuad(quad, 4), quad);
});

test('the size is measured along the text', () => {
  assert.deepEqual(quadSize([b, c, d, a]), { width: 60, height: 20 });
  assert.deepEqual(quadSize([a, a, a, a]), { width: 1, height: 1 });
});
