// Bringing pictures to the size a model wants. libvips averages when it shrinks, so nothing small is lost between samples.
import { openImage } from './encode-image.ts';
import { blankImage, type Rgb, type RgbImage, rgbImage } from './rgb-image.ts';

export type ResizeKernel = 'nearest' | 'linear' | 'cubic' | 'lanczos3';

/** The image stretched to exactly this size. */
export async function resizeImage(
  image: RgbImage,
  size: { readonly width: number; readonly height: number },
  kernel: ResizeKernel = 'linear',
): Promise<RgbImage> {
  if (image.width === size.width && image.height === size.height) return image;
  const pixels = await openImage(image)
    .resize({ ...size, fit: 'fill', kernel })
    .raw()
    .toBuffer();
  return rgbImage(size.width, size.height, pixels);
}

/** A scaled image inside a padded one, and how to find the way back. */
export interface Letterbox {
  readonly image: RgbImage;
  /** Padded pixel = left + original pixel × scaleX; the two scales differ by rounding only. */
  readonly left: number;
  readonly top: number;
  readonly scaleX: number;
  readonly scaleY: number;
  /** The size of the image before. */
  readonly original: { readonly width: number; readonly height: number };
}

export interface LetterboxOptions {
  readonly width: number;
  readonly height: number;
  /** The colour of the borders; black unless said. */
  readonly colour?: Rgb;
  /** `centre` puts equal borders on both sides; `corner` puts the image at the top left. */
  readonly place?: 'centre' | 'corner';
}

/** The largest copy of the image, its proportions kept, that fits into this size, with borders around it. */
export async function letterboxImage(image: RgbImage, options: LetterboxOptions): Promise<Letterbox> {
  const { width, height, colour = [0, 0, 0], place = 'centre' } = options;
  const scale = Math.min(width / image.width, height / image.height);
  const inner = {
    width: Math.min(width, Math.max(1, Math.round(image.width * scale))),
    height: Math.min(height, Math.max(1, Math.round(image.height * scale))),
  };
  const scaled = await resizeImage(image, inner);
  const left = place === 'centre' ? Math.floor((width - inner.width) / 2) : 0;
  const top = place === 'centre' ? Math.floor((height - inner.height) / 2) : 0;
  const padded = blankImage(width, height, colour);
  pasteImage(padded, scaled, { x: left, y: top });
  const original = { width: image.width, height: image.height };
  return { image: padded, left, top, scaleX: inner.width / image.width, scaleY: inner.height / image.height, original };
}

/** A point of the letterboxed image in pixels of the original one. */
export function fromLetterbox(box: Letterbox, x: number, y: number): { x: number; y: number } {
  return { x: (x - box.left) / box.scaleX, y: (y - box.top) / box.scaleY };
}

export interface ImagePart {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A copy of a part of the image. The part must lie inside it: throws a RangeError. */
export function cropImage(image: RgbImage, part: ImagePart): RgbImage {
  const { x, y, width, height } = part;
  if (x < 0 || y < 0 || width < 1 || height < 1 || x + width > image.width || y + height > image.height) {
    throw new RangeError(`${width}×${height} at ${x},${y} is not inside ${image.width}×${image.height}`);
  }
  const pixels = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * image.width + x) * 3;
    pixels.set(image.pixels.subarray(from, from + width * 3), row * width * 3);
  }
  return rgbImage(width, height, pixels);
}

/** Copies `part` into `target` with its top left corner at `at`. Throws a RangeError when it does not fit. */
export function pasteImage(target: RgbImage, part: RgbImage, at: { readonly x: number; readonly y: number }): void {
  const { x, y } = at;
  if (x < 0 || y < 0 || x + part.width > target.width || y + part.height > target.height) {
    throw new RangeError(
      `${part.width}×${part.height} at ${x},${y} does not fit into ${target.width}×${target.height}`,
    );
  }
  for (let row = 0; row < part.height; row++) {
    target.pixels.set(
      part.pixels.subarray(row * part.width * 3, (row + 1) * part.width * 3),
      ((y + row) * target.width + x) * 3,
    );
  }
}
