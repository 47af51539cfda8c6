import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawStrokes } from './draw-strokes.ts';

const canvas = { size: 40, margin: 5, penWidth: 4 };

/** A thinned mask of `width` columns with these pixels set. */
function thin(width: number, height: number, ...points: [number, number][]): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (const [x, y] of points) mask[y * width + x] = 1;
  return mask;
}

const level = (y: number, from: number, to: number): [number, number][] =>
  Array.from({ length: to - from + 1 }, (_, step) => [from + step, y]);

function columnsWithInk(drawn: Float32Array): [first: number, last: number] {
  const columns = [...drawn.keys()].filter((at) => (drawn[at] as number) > 0.5).map((at) => at % canvas.size);
  return [Math.min(...columns), Math.max(...columns)];
}

test('a line fills the square up to its margins, in the middle, as wide as the pen', () => {
  const drawn = drawStrokes(thin(10, 4, ...level(2, 1, 8)), 10, canvas);
  assert.deepEqual(columnsWithInk(drawn), [3, 36]); // the pen's way is 5..35, and its round ends reach 2 farther
  const column = Array.from({ length: 40 }, (_, row) => drawn[row * 40 + 20] as number);
  assert.deepEqual(
    column.map((value, row) => [row, value]).filter(([, value]) => (value as number) > 0),
    [
      [18, 1],
      [19, 1],
      [20, 1],
      [21, 1],
    ],
  );
});

test('scaling up leaves no gaps between neighbouring pixels', () => {
  const drawn = drawStrokes(thin(3, 3, [0, 0], [1, 1], [2, 2]), 3, canvas);
  for (let at = 6; at < 34; at++) assert.equal(drawn[at * 40 + at], 1, `at ${at}`);
});

test('pixels at the end of one row and the start of the next are not joined', () => {
  const drawn = drawStrokes(thin(3, 3, [2, 0], [0, 1]), 3, canvas);
  assert.equal(drawn[20 * 40 + 20], 0);
});

test('a dot is a dot of the pen, in the middle', () => {
  const drawn = drawStrokes(thin(9, 9, [7, 1]), 9, canvas);
  assert.deepEqual(columnsWithInk(drawn), [18, 21]);
});

test('no strokes are an empty square', () => {
  assert.ok(drawStrokes(thin(3, 3), 3, canvas).every((value) => value === 0));
});
