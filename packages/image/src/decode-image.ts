// Turns the Image message into pixels. What it may hold is checked before anything is decoded: a few hundred bytes can
// announce gigapixels. Orientation tags are obeyed, transparency is laid on white, of an animation the first frame
// counts. Every refusal is INVALID_ARGUMENT and starts with the name of the field.
import { invalidArgument, WeftError } from '@weft/errors';
import type { Image__Output } from '@weft/rpc/messages/weft/vision/v1/Image';
import type { RawImage__Output } from '@weft/rpc/messages/weft/vision/v1/RawImage';
import sharp from 'sharp';
import { encodedFormat, encodedFormats } from './encoded-format.ts';
import { type RgbImage, rgbImage } from './rgb-image.ts';

export interface ImageLimits {
  readonly maxImagePixels: number;
}

/** The pixels of a message's image; `field` is its name in the request, for the text of errors. */
export async function decodeImage(
  image: Image__Output | null | undefined,
  field: string,
  limits: ImageLimits,
): Promise<RgbImage> {
  if (image?.raw) return decodeRawImage(image.raw, `${field}.raw`, limits);
  return decodeEncodedImage(image?.encoded ?? new Uint8Array(), field, limits);
}

/** The pixels of the bytes of an image file. */
export async function decodeEncodedImage(bytes: Uint8Array, field: string, limits: ImageLimits): Promise<RgbImage> {
  if (bytes.length === 0) throw invalidArgument(`${field}: empty image`);
  const format = encodedFormat(bytes);
  if (format === undefined)
    throw invalidArgument(`${field}: unknown image format, expected one of ${encodedFormats.join(', ')}`);
  const broken = (cause: unknown): WeftError =>
    new WeftError('INVALID_ARGUMENT', `${field}: ${format} image is truncated or damaged`, { cause });

  const options = { failOn: 'error', limitInputPixels: limits.maxImagePixels } as const;
  // The limit is ours to report, so libvips must not apply it while it only reads the header.
  const header = await sharp(bytes, { ...options, limitInputPixels: false })
    .metadata()
    .catch((thrown: unknown) => {
      throw broken(thrown);
    });
  checkSize({ width: header.width, height: header.pageHeight ?? header.height }, field, limits);
  const decoded = await sharp(bytes, options)
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((thrown: unknown) => {
      throw broken(thrown);
    });
  const { width, height, channels } = decoded.info;
  return rgbImage(width, height, toRgb(decoded.data, channels));
}

function decodeRawImage(raw: RawImage__Output, field: string, limits: ImageLimits): RgbImage {
  const { width, height, channels, pixels } = raw;
  checkSize({ width, height }, field, limits);
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw invalidArgument(`${field}.channels: expected 1, 3 or 4, got ${channels}`);
  }
  const expected = width * height * channels;
  if (pixels.length !== expected) {
    throw invalidArgument(
      `${field}.pixels: expected ${expected} bytes (${width}×${height}×${channels}), got ${pixels.length}`,
    );
  }
  return rgbImage(width, height, toRgb(pixels, channels));
}

function checkSize(
  size: { readonly width: number; readonly height: number },
  field: string,
  { maxImagePixels }: ImageLimits,
): void {
  const { width, height } = size;
  if (!(width > 0) || !(height > 0)) {
    throw invalidArgument(`${field}: width and height must be at least 1, got ${width}×${height}`);
  }
  if (width * height > maxImagePixels) {
    throw invalidArgument(
      `${field}: ${width}×${height} is ${width * height} pixels, over the limit of ${maxImagePixels}`,
    );
  }
}

/** 8-bit pixels of 1 (grey), 3 or 4 (RGBA, laid on white) channels as RGB. Three channels are passed on, not copied. */
function toRgb(pixels: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return pixels;
  const count = pixels.length / channels;
  const rgb = new Uint8Array(count * 3);
  for (let index = 0; index < count; index++) {
    const from = index * channels;
    const alpha = channels === 4 ? (pixels[from + 3] as number) : 255;
    for (let channel = 0; channel < 3; channel++) {
      const value = pixels[channels === 4 ? from + channel : from] as number;
      rgb[index * 3 + channel] = Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return rgb;
}
