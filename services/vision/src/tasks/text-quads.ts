// The corners of a piece of text, told from where the text begins. A region's rectangle does not say which way its text
// runs: wide ones run to the right; tall ones run down the page, or hold a letter or two standing upright.
import type { Point, Quad } from '@weft/image';
import { type RotatedRectangle, rectangleCorners } from './rotated-rectangle.ts';

/** Height over width from which a region may hold text that runs down. */
const tall = 1.5;
/** And from which nothing else is likely: three digits of common letters stand upright at 1.5 to 2.5. */
const surelyTall = 3;

/** The ways in which the text of a region may run, the likelier first. */
export function textDirections(rectangle: RotatedRectangle): Quad[] {
  const upright = rectangleCorners(rectangle);
  const ratio = rectangle.height / rectangle.width;
  if (ratio < tall) return [upright];
  const down = turnedQuad(upright, 1);
  return ratio < surelyTall ? [upright, down] : [down];
}

/** The same corners, begun `quarters` corners later: the text then runs that many quarter turns clockwise. */
export function turnedQuad(quad: Quad, quarters: number): Quad {
  return [0, 1, 2, 3].map((corner) => quad[(corner + quarters) % 4] as Point) as unknown as Quad;
}

/** Lengths of the upper and the left side, at least 1 pixel. */
export function quadSize([topLeft, topRight, , bottomLeft]: Quad): { width: number; height: number } {
  const length = (a: Point, b: Point): number => Math.max(1, Math.round(Math.hypot(b.x - a.x, b.y - a.y)));
  return { width: length(topLeft, topRight), height: length(topLeft, bottomLeft) };
}
