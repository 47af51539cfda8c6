// The one form of a picture inside weft: 8-bit RGB, interleaved, row-major. Everything that arrives is brought into it
// (grey is spread, transparency laid on white), so tasks need no case for channels, depths or colour spaces.

export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
  /** width × height × 3 bytes. */
  readonly pixels: Uint8Array;
}

export type Rgb = readonly [red: number, green: number, blue: number];

/** An image over `pixels`, which it keeps. Throws a RangeError when their number does not fit the size. */
export function rgbImage(width: number, height: number, pixels: Uint8Array): RgbImage {
  if (pixels.length !== width * height * 3) {
    throw new RangeError(`expected ${width * height * 3} bytes (${width}×${height}×3), got ${pixels.length}`);
  }
  return { width, height, channels: 3, pixels };
}

/** An image of one colour. */
export function blankImage(width: number, height: number, colour: Rgb): RgbImage {
  const pixels = new Uint8Array(width * height * 3);
  for (let at = 0; at < pixels.length; at += 3) pixels.set(colour, at);
  return rgbImage(width, height, pixels);
}
