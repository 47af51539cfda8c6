// One written character as the networks that learned from MNIST want it: ink on nothing, whatever the paper; its longer side five
// sevenths of the square; its centre of mass in the middle (LeCun et al., "Gradient-Based Learning Applied to Document Recognition",
// 1998). An image that has the square's size already is taken to be in that form, but for its colours.
import { blankImage, cropImage, type ImagePart, resizeImage, type RgbImage } from '@weft/image';
import { inkContrast } from './ink-mask.ts';

/** The part of the square that the character's longer side has. */
const glyphShare = 20 / 28;
/** Larger images are shrunk first: strokes are wide enough at this many times the square. */
const shrunkTimes = 8;
/** Weaker marks, as a share of the strongest ink, are the paper's or the codec's. */
const faintest = 0.08;

/** Ink of each pixel of the square, row-major, 0 to 1; undefined when nothing is drawn. */
export async function fitGlyph(image: RgbImage, side: number): Promise<Float32Array | undefined> {
  if (image.width === side && image.height === side) return whole(image);
  const shrunk = await shrink(image, side * shrunkTimes);
  const ink = inkOf(shrunk);
  const box = ink === undefined ? undefined : boxOf(ink);
  if (ink === undefined || box === undefined) return undefined;
  const scale = (side * glyphShare) / Math.max(box.width, box.height);
  const size = {
    width: Math.max(1, Math.round(box.width * scale)),
    height: Math.max(1, Math.round(box.height * scale)),
  };
  return centred(await resizeImage(cropImage(ink, box), size, 'cubic'), side);
}

function whole(image: RgbImage): Float32Array | undefined {
  const { contrast, strongest } = inkContrast(image);
  return strongest === 0 ? undefined : Float32Array.from(contrast, (value) => value / 255);
}

async function shrink(image: RgbImage, side: number): Promise<RgbImage> {
  const scale = side / Math.max(image.width, image.height);
  if (scale >= 1) return image;
  const size = {
    width: Math.max(1, Math.round(image.width * scale)),
    height: Math.max(1, Math.round(image.height * scale)),
  };
  return resizeImage(image, size, 'cubic');
}

/** The ink as light on black, the strongest white. */
function inkOf(image: RgbImage): RgbImage | undefined {
  const { contrast, strongest } = inkContrast(image);
  if (strongest === 0) return undefined;
  const ink = blankImage(image.width, image.height, [0, 0, 0]);
  for (const [index, value] of contrast.entries())
    if (value > strongest * faintest) ink.pixels.fill(Math.round((value * 255) / strongest), index * 3, index * 3 + 3);
  return ink;
}

function boxOf({ width, height, pixels }: RgbImage): ImagePart | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (pixels[(y * width + x) * 3] === 0) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
  }
  return right < 0 ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** The glyph in a square, its centre of mass where MNIST has it: in the middle of the pixel behind the square's own middle. */
function centred({ width, height, pixels }: RgbImage, side: number): Float32Array {
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let index = 0; index < width * height; index++) {
    const ink = pixels[index * 3] as number;
    sum += ink;
    sumX += ink * ((index % width) + 0.5);
    sumY += ink * (Math.floor(index / width) + 0.5);
  }
  const place = (centre: number, length: number): number =>
    Math.min(side - length, Math.max(0, Math.round((side + 1) / 2 - centre)));
  const [left, top] = [place(sumX / sum, width), place(sumY / sum, height)];
  const square = new Float32Array(side * side);
  for (let index = 0; index < width * height; index++) {
    const at = (top + Math.floor(index / width)) * side + left + (index % width);
    square[at] = (pixels[index * 3] as number) / 255;
  }
  return square;
}
