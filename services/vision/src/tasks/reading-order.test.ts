import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Point, Quad } from '@weft/image';
import { readingOrder, textDirection } from './reading-order.ts';

const box = (...[x, y, width, height]: [number, number, number, number]): Quad => [
  { x, y },
  { x: x + width, y },
  { x: x + width, y: y + height },
  { x, y: y + height },
];

function turn({ x, y }: Point, degrees: number): Point {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  return { x: x * cos - y * sin, y: x * sin + y * cos };
}

test('rows go from the top and each row from the left', () => {
  assert.deepEqual(
    readingOrder([box(50, 42, 30, 10), box(0, 0, 30, 10), box(0, 40, 30, 10), box(60, 1, 30, 10)]),
    [1, 3, 2, 0],
  );
});

test('a low piece belongs to the row of the tall one beside it', () => {
  assert.deepEqual(readingOrder([box(100, 0, 40, 40), box(0, 12, 50, 12)]), [1, 0]);
});

test('lines close to each other stay apart though their boxes touch', () => {
  assert.deepEqual(readingOrder([box(5, 9, 90, 12), box(40, 0, 90, 12)]), [1, 0]);
});

test('rows that are not quite level do not chain into one', () => {
  // Each piece is 4 lower than its left neighbour; the second row begins 14 below the first.
  const rows = [0, 14].flatMap((top) => [0, 1, 2].map((column) => box(column * 50, top + column * 4, 40, 10)));
  assert.deepEqual(readingOrder(rows), [0, 1, 2, 3, 4, 5]);
});

test('a page at any angle is read as if it were level', () => {
  const rows = [0, 20, 40].flatMap((top) => [0, 100, 200].map((left) => box(left, top, 80, 12)));
  const shuffled = [4, 0, 8, 2, 6, 1, 7, 3, 5];
  for (const degrees of [-30, 10, 90, 180, 265]) {
    const turned = shuffled.map(
      (index) => (rows[index] as Quad).map((corner) => turn(corner, degrees)) as unknown as Quad,
    );
    assert.deepEqual(
      readingOrder(turned).map((index) => shuffled[index]),
      [0, 1, 2, 3, 4, 5, 6, 7, 8],
      `${degrees}°`,
    );
  }
});

test('a margin note that runs up the page does not turn the page', () => {
  const note: Quad = [
    { x: 0, y: 80 },
    { x: 0, y: 20 },
    { x: 10, y: 20 },
    { x: 10, y: 80 },
  ];
  assert.deepEqual(textDirection([box(20, 0, 100, 10), note, box(20, 20, 100, 10)]), { x: 1, y: 0 });
});

test('nothing has no order', () => {
  assert.deepEqual(readingOrder([]), []);
});
