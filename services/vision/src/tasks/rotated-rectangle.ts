// The smallest rectangle, at any angle, around a set of points: one side of it lies on a side of their convex hull
// (Freeman and Shapira, 1975), so it is enough to try those.
import type { Point } from '@weft/image';

export interface RotatedRectangle {
  readonly centre: Point;
  /** Unit vector along `width`; `height` runs at a right angle to it, clockwise on a screen. */
  readonly along: Point;
  readonly width: number;
  readonly height: number;
}

/** Hull corners in order, without points on its sides (Andrew's monotone chain). */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  return [...halfHull(sorted), ...halfHull(sorted.reverse())];
}

function halfHull(sorted: readonly Point[]): Point[] {
  const half: Point[] = [];
  for (const point of sorted) {
    while (half.length >= 2 && turn(half.at(-2) as Point, half.at(-1) as Point, point) <= 0) half.pop();
    half.push(point);
  }
  half.pop(); // it begins the other half
  return half;
}

function turn(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/** The rectangle of least area around the points. `along` points to the right, at most 45° up or down. */
export function smallestRectangle(points: readonly Point[]): RotatedRectangle {
  const hull = convexHull(points);
  let best: RotatedRectangle | undefined;
  for (const [index, from] of hull.entries()) {
    const to = hull[(index + 1) % hull.length] as Point;
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    if (length === 0) continue;
    const candidate = rectangleAlong(hull, levelled({ x: (to.x - from.x) / length, y: (to.y - from.y) / length }));
    if (best === undefined || candidate.width * candidate.height < best.width * best.height) best = candidate;
  }
  return best ?? { centre: points[0] ?? { x: 0, y: 0 }, along: { x: 1, y: 0 }, width: 0, height: 0 };
}

/** Of the four directions at right angles to this one, the one that points to the right. */
function levelled({ x, y }: Point): Point {
  if (Math.abs(y) > Math.abs(x)) return levelled({ x: y, y: -x });
  return x < 0 ? { x: -x, y: -y } : { x, y };
}

function rectangleAlong(points: readonly Point[], along: Point): RotatedRectangle {
  const us = points.map(({ x, y }) => x * along.x + y * along.y);
  const vs = points.map(({ x, y }) => y * along.x - x * along.y);
  const [left, right, top, bottom] = [Math.min(...us), Math.max(...us), Math.min(...vs), Math.max(...vs)];
  const [u, v] = [(left + right) / 2, (top + bottom) / 2];
  return {
    centre: { x: u * along.x - v * along.y, y: u * along.y + v * along.x },
    along,
    width: right - left,
    height: bottom - top,
  };
}

/** Its corners, clockwise: the start of `along` on the upper side first. */
export function rectangleCorners({ centre, along, width, height }: RotatedRectangle): [Point, Point, Point, Point] {
  const corner = (u: number, v: number): Point => ({
    x: centre.x + (u * along.x * width - v * along.y * height) / 2,
    y: centre.y + (u * along.y * width + v * along.x * height) / 2,
  });
  return [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
}
