// Cuts a quadrilateral out of an image and lays it flat: a line of text that runs at an angle, or on a photographed
// page. Points of the flat image are mapped to the quadrilateral by the projective map of the unit square (Heckbert,
// "Fundamentals of Texture Mapping and Image Warping", 1989, section 2.2.3) and read there by cubic convolution (Keys,
// 1981, a = −1/2): bilinear reading blurs, and a text recogniser loses the spaces between words by it.
import { type RgbImage, rgbImage } from './rgb-image.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Corners clockwise from what shall become the top left. */
export type Quad = readonly [topLeft: Point, topRight: Point, bottomRight: Point, bottomLeft: Point];

/**
 * The inside of the quadrilateral as a flat image. Coordinates are edges of pixels: a whole image is
 * (0,0) (width,0) (width,height) (0,height). Outside the image its border pixels go on.
 */
export function unwarpImage(
  image: RgbImage,
  quad: Quad,
  size: { readonly width: number; readonly height: number },
): RgbImage {
  const { width, height } = size;
  const map = squareToQuad(quad);
  const pixels = new Uint8Array(width * height * 3);
  let to = 0;
  for (let row = 0; row < height; row++) {
    const v = (row + 0.5) / height;
    for (let column = 0; column < width; column++, to += 3) {
      samplePixel(image, map((column + 0.5) / width, v), pixels.subarray(to, to + 3));
    }
  }
  return rgbImage(width, height, pixels);
}

/** The projective map that takes the unit square's corners to the quadrilateral's. */
export function squareToQuad([p0, p1, p2, p3]: Quad): (u: number, v: number) => Point {
  const sumX = p0.x - p1.x + p2.x - p3.x;
  const sumY = p0.y - p1.y + p2.y - p3.y;
  const [dx1, dx2, dy1, dy2] = [p1.x - p2.x, p3.x - p2.x, p1.y - p2.y, p3.y - p2.y];
  const determinant = dx1 * dy2 - dx2 * dy1;
  const g = (sumX * dy2 - dx2 * sumY) / determinant;
  const h = (dx1 * sumY - sumX * dy1) / determinant;
  const [a, b] = [p1.x - p0.x + g * p1.x, p3.x - p0.x + h * p3.x];
  const [d, e] = [p1.y - p0.y + g * p1.y, p3.y - p0.y + h * p3.y];
  return (u, v) => {
    const w = g * u + h * v + 1;
    return { x: (a * u + b * v + p0.x) / w, y: (d * u + e * v + p0.y) / w };
  };
}

/** Writes the colour at a point, read from the 4 × 4 pixels around it. */
function samplePixel({ width, height, pixels }: RgbImage, point: Point, target: Uint8Array): void {
  // From here on the middles of pixels are whole numbers.
  const [x, y] = [point.x - 0.5, point.y - 0.5];
  const left = Math.floor(x) - 1;
  const top = Math.floor(y) - 1;
  const weightsX = cubicWeights(x - left - 1);
  const weightsY = cubicWeights(y - top - 1);
  const sums: [number, number, number] = [0, 0, 0];
  for (let row = 0; row < 4; row++) {
    const from = Math.min(Math.max(top + row, 0), height - 1) * width;
    for (let column = 0; column < 4; column++) {
      const weight = (weightsY[row] as number) * (weightsX[column] as number);
      const pixel = (from + Math.min(Math.max(left + column, 0), width - 1)) * 3;
      for (let channel = 0; channel < 3; channel++) sums[channel as 0] += weight * (pixels[pixel + channel] as number);
    }
  }
  for (let channel = 0; channel < 3; channel++) {
    target[channel] = Math.min(Math.max(Math.round(sums[channel as 0]), 0), 255);
  }
}

/** Weights of the pixels at −1, 0, 1 and 2 for a point `t` (0..1) to the right of pixel 0. */
function cubicWeights(t: number): readonly [number, number, number, number] {
  const [t2, t3] = [t * t, t * t * t];
  return [(-t3 + 2 * t2 - t) / 2, (3 * t3 - 5 * t2 + 2) / 2, (-3 * t3 + 4 * t2 + t) / 2, (t3 - t2) / 2];
}
