import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RgbImage, rgbImage } from './rgb-image.ts';
import { type Quad, squareToQuad, unwarpImage } from './unwarp-image.ts';

/** An image whose red channel holds these rows. */
function fromRows(rows: readonly (readonly number[])[]): RgbImage {
  const width = rows[0]?.length ?? 0;
  return rgbImage(width, rows.length, Uint8Array.from(rows.flat().flatMap((value) => [value, 0, 0])));
}

function toRows(image: RgbImage): number[][] {
  return Array.from({ length: image.height }, (_, row) =>
    Array.from({ length: image.width }, (_, column) => image.pixels[(row * image.width + column) * 3] as number),
  );
}

const numbers = fromRows([
  [10, 20, 30],
  [40, 50, 60],
]);

const quad = (...xy: [number, number, number, number, number, number, number, number]): Quad => [
  { x: xy[0], y: xy[1] },
  { x: xy[2], y: xy[3] },
  { x: xy[4], y: xy[5] },
  { x: xy[6], y: xy[7] },
];

test('the whole image in its own size stays as it is', () => {
  assert.deepEqual(unwarpImage(numbers, quad(0, 0, 3, 0, 3, 2, 0, 2), { width: 3, height: 2 }), numbers);
});

test('corners given from another start turn the image', () => {
  assert.deepEqual(toRows(unwarpImage(numbers, quad(0, 2, 0, 0, 3, 0, 3, 2), { width: 2, height: 3 })), [
    [40, 10],
    [50, 20],
    [60, 30],
  ]);
});

test('between two pixels of four on a slope lies their mean', () => {
  const slope = fromRows([[10, 20, 30, 40]]);
  assert.deepEqual(toRows(unwarpImage(slope, quad(1.5, 0, 2.5, 0, 2.5, 1, 1.5, 1), { width: 1, height: 1 })), [[25]]);
});

test('edges stay sharp: the values overshoot, within what a pixel can hold', () => {
  const edge = fromRows([[100, 100, 200, 200]]);
  assert.deepEqual(toRows(unwarpImage(edge, quad(0.5, 0, 3.5, 0, 3.5, 1, 0.5, 1), { width: 3, height: 1 })), [
    [94, 150, 206],
  ]);
  const hard = fromRows([[0, 0, 255, 255]]);
  assert.deepEqual(toRows(unwarpImage(hard, quad(0.5, 0, 3.5, 0, 3.5, 1, 0.5, 1), { width: 3, height: 1 })), [
    [0, 128, 255],
  ]);
});

test('beyond the border the border goes on', () => {
  assert.deepEqual(toRows(unwarpImage(numbers, quad(-4, 0, -2, 0, -2, 1, -4, 1), { width: 2, height: 1 })), [[10, 10]]);
});

test('the projective map takes every corner of the square to its corner, and straight lines to straight lines', () => {
  const corners = quad(1, 2, 9, 1, 12, 8, -1, 6);
  const map = squareToQuad(corners);
  for (const [index, [u, v]] of (
    [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ] as const
  ).entries()) {
    const corner = corners[index] as { x: number; y: number };
    const { x, y } = map(u, v);
    assert.ok(Math.abs(x - corner.x) < 1e-9 && Math.abs(y - corner.y) < 1e-9);
  }
  // The middle of the square lies where the diagonals of the quadrilateral cross.
  const middle = map(0.5, 0.5);
  const onDiagonal = (p: { x: number; y: number }, q: { x: number; y: number }): number =>
    (q.x - p.x) * (middle.y - p.y) - (q.y - p.y) * (middle.x - p.x);
  assert.ok(Math.abs(onDiagonal(corners[0], corners[2])) < 1e-9);
  assert.ok(Math.abs(onDiagonal(corners[1], corners[3])) < 1e-9);
});
