import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Point } from '@weft/image';
import fc from 'fast-check';
import { convexHull, rectangleCorners, type RotatedRectangle, smallestRectangle } from './rotated-rectangle.ts';

const points = (...xy: [number, number][]): Point[] => xy.map(([x, y]) => ({ x, y }));

function near(actual: number, expected: number, tolerance = 1e-9): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
}

test('the hull has the corners only, whatever lies inside or on a side', () => {
  const hull = convexHull(points([0, 0], [2, 0], [4, 0], [4, 4], [0, 4], [2, 2], [0, 2]));
  assert.deepEqual(new Set(hull.map(({ x, y }) => `${x},${y}`)), new Set(['0,0', '4,0', '4,4', '0,4']));
  assert.equal(hull.length, 4);
});

test('level points have a level rectangle', () => {
  const { centre, along, width, height } = smallestRectangle(points([1, 2], [11, 2], [11, 5], [1, 5], [6, 3]));
  assert.deepEqual([centre.x, centre.y, along.x, along.y, width, height], [6, 3.5, 1, 0, 10, 3]);
});

test('a rectangle at an angle is found again from its corners', () => {
  const angle = Math.PI / 9;
  const given: RotatedRectangle = {
    centre: { x: 30, y: 40 },
    along: { x: Math.cos(angle), y: Math.sin(angle) },
    width: 20,
    height: 6,
  };
  const found = smallestRectangle(rectangleCorners(given));
  near(found.centre.x, 30);
  near(found.centre.y, 40);
  near(found.along.y, Math.sin(angle));
  near(found.width, 20);
  near(found.height, 6);
});

test('along a diamond it is half as large as the upright one', () => {
  const { width, height } = smallestRectangle(points([5, 0], [10, 5], [5, 10], [0, 5]));
  near(width * height, 50);
});

test('corners go clockwise from the upper left', () => {
  const corners = rectangleCorners({ centre: { x: 5, y: 5 }, along: { x: 1, y: 0 }, width: 4, height: 2 });
  assert.deepEqual(corners, points([3, 4], [7, 4], [7, 6], [3, 6]));
});

test('a single point and a line have rectangles without area', () => {
  assert.deepEqual(smallestRectangle(points([3, 4])), {
    centre: { x: 3, y: 4 },
    along: { x: 1, y: 0 },
    width: 0,
    height: 0,
  });
  const line = smallestRectangle(points([0, 0], [3, 0], [6, 0]));
  assert.deepEqual([line.width, line.height], [6, 0]);
});

test('every point lies inside, and along points right by at most 45°', () => {
  const coordinate = fc.integer({ min: -50, max: 50 });
  fc.assert(
    fc.property(fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 30 }), (pairs) => {
      const { centre, along, width, height } = smallestRectangle(points(...pairs));
      assert.ok(along.x >= Math.SQRT1_2 - 1e-9);
      for (const [x, y] of pairs) {
        const u = (x - centre.x) * along.x + (y - centre.y) * along.y;
        const v = (y - centre.y) * along.x - (x - centre.x) * along.y;
        assert.ok(Math.abs(u) <= width / 2 + 1e-6 && Math.abs(v) <= height / 2 + 1e-6);
      }
    }),
  );
});
