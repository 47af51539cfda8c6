import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Quad } from '@weft/image';
import { readingOrder } from './reading-order.ts';

const box = (x: number, y: number, width: number, height: number): Quad => [
  { x, y },
  { x: x + width, y },
  { x: x + width, y: y + height },
  { x, y: y + height },
];

test('rows go from the top and each row from the left', () => {
  assert.deepEqual(readingOrder([box(50, 42, 30, 10), box(0, 0, 30, 10), box(0, 40, 30, 10), box(60, 1, 30, 10)]), [1, 3, 2, 0]);
});

test('a low piece belongs to the row of the tall one beside it', () => {
  assert.deepEqual(readingOrder([box(100, 0, 40, 40), box(0, 12, 50, 12)]), [1, 0]);
});

test('lines close to each other stay apart though their boxes touch', () => {
  assert.deepEqual(readingOrder([box(5, 9, 90, 12), box(40, 0, 90, 12)]), [1, 0]);
});

test('a slanted row does not take the next row in', () => {
  // Each piece is 4 lower than its left neighbour; the second row begins 14 below the first.
  const rows = [0, 14].flatMap((top) => [0, 1, 2].map((column) => box(column * 50, top + column * 4, 40, 10)));
  assert.deepEqual(readingOrder(rows), [0, 1, 2, 3, 4, 5]);
});

test('nothing has no order', () => {
  assert.deepEqual(readingOrder([]), []);
});
