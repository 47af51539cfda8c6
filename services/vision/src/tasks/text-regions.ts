// Finds text in the map of DB ("Real-time Scene Text Detection with Differentiable Binarization", Liao et al., 2020): for
// each pixel, how surely it belongs to the kernel of a line, its middle. Each group of sure pixels gets its smallest
// rectangle, which then grows back from the kernel to the whole line.
import { connectedComponents, type Component } from './connected-components.ts';
import { type RotatedRectangle, rectangleCorners, smallestRectangle } from './rotated-rectangle.ts';
import type { Point } from '@weft/image';

export interface TextRegionLimits {
  /** Pixels above it belong to a line. */
  readonly pixelScore: number;
  /** Mean within a kernel's rectangle under which it is no text. */
  readonly regionScore: number;
  /** The distance to grow is area × this / perimeter, as in the training, but more: the recognition wants some air. */
  readonly growth: number;
  /** Kernels with a shorter side, in pixels of the map, are dirt. */
  readonly minSide: number;
}

const defaultTextRegionLimits: TextRegionLimits = { pixelScore: 0.3, regionScore: 0.6, growth: 1.8, minSide: 3 };

export interface TextRegion {
  /** Level as the map has it: which way the text runs is not known yet. */
  readonly rectangle: RotatedRectangle;
  readonly score: number;
}

/** Scores 0..1, row-major. */
export interface ScoreMap {
  readonly scores: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** The lines in a map, in pixels of the map (edges, not centres: the map is 0..width wide). */
export function findTextRegions(map: ScoreMap, limits: TextRegionLimits = defaultTextRegionLimits): TextRegion[] {
  const mask = Uint8Array.from(map.scores, (score) => (score > limits.pixelScore ? 1 : 0));
  const regions: TextRegion[] = [];
  for (const component of connectedComponents(mask, map.width, map.height)) {
    const kernel = smallestRectangle(outline(component));
    if (Math.min(kernel.width, kernel.height) < limits.minSide) continue;
    const score = meanInside(map, kernel);
    if (score >= limits.regionScore) regions.push({ rectangle: grow(kernel, limits.growth), score });
  }
  return regions;
}

/** The corners of the first and the last pixel of each row. */
function outline({ top, spans }: Component): Point[] {
  return spans.flatMap(({ left, right }, row) => [
    { x: left, y: top + row },
    { x: right + 1, y: top + row },
    { x: left, y: top + row + 1 },
    { x: right + 1, y: top + row + 1 },
  ]);
}

/** A rectangle whose every side moves out by the same distance. */
export function grow(rectangle: RotatedRectangle, growth: number): RotatedRectangle {
  const { width, height } = rectangle;
  const distance = (width * height * growth) / (2 * (width + height));
  return { ...rectangle, width: width + 2 * distance, height: height + 2 * distance };
}

/** The mean of the map over the pixels whose middle lies in the rectangle. */
function meanInside({ scores, width, height }: ScoreMap, rectangle: RotatedRectangle): number {
  const { centre, along } = rectangle;
  const corners = rectangleCorners(rectangle);
  const xs = corners.map(({ x }) => x);
  const ys = corners.map(({ y }) => y);
  const [fromX, toX] = [Math.max(Math.floor(Math.min(...xs)), 0), Math.min(Math.ceil(Math.max(...xs)), width)];
  const [fromY, toY] = [Math.max(Math.floor(Math.min(...ys)), 0), Math.min(Math.ceil(Math.max(...ys)), height)];
  let sum = 0;
  let count = 0;
  for (let y = fromY; y < toY; y++) {
    for (let x = fromX; x < toX; x++) {
      const [dx, dy] = [x + 0.5 - centre.x, y + 0.5 - centre.y];
      if (Math.abs(dx * along.x + dy * along.y) > rectangle.width / 2) continue;
      if (Math.abs(dy * along.x - dx * along.y) > rectangle.height / 2) continue;
      sum += scores[y * width + x] as number;
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}
