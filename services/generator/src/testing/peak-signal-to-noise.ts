// Likeness of two images as super-resolution is commonly measured: PSNR over all channels, in decibels.
import type { RgbImage } from '@weft/image';

/** The border of this many pixels does not count: there the methods differ in what they take to lie outside. */
const border = 8;

export function peakSignalToNoise(image: RgbImage, original: RgbImage): number {
  const { width, height } = original;
  if (image.width !== width || image.height !== height) {
    throw new RangeError(`${image.width}×${image.height} cannot be compared with ${width}×${height}`);
  }
  let squares = 0;
  let count = 0;
  for (let y = border; y < height - border; y++) {
    for (let at = (y * width + border) * 3; at < (y * width + width - border) * 3; at++) {
      squares += ((image.pixels[at] as number) - (original.pixels[at] as number)) ** 2;
      count++;
    }
  }
  return 10 * Math.log10(255 ** 2 / (squares / count));
}
