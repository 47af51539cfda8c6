// Images as a user of the client holds them, and as the wire carries them.
import { WeftError } from '@weft/errors';
import type { Image, Image__Output } from '@weft/rpc/messages/weft/vision/v1/Image';

/** The bytes of a JPEG, PNG, WebP, GIF, TIFF or AVIF file, or bare pixels. */
export type ImageInput = Uint8Array | RawPixels;

export interface RawPixels {
  readonly width: number;
  readonly height: number;
  /** 1 (grey), 3 (RGB) or 4 (RGBA). */
  readonly channels: number;
  /** 8-bit, interleaved, row-major: width × height × channels bytes. */
  readonly pixels: Uint8Array;
}

export function toImageMessage(image: ImageInput): Image {
  return image instanceof Uint8Array ? { encoded: image } : { raw: image };
}

/** Throws DATA_LOSS where an answer that must hold an image holds none. */
export function fromImageMessage(image: Image__Output | null): Buffer | RawPixels {
  const content = image?.encoded ?? image?.raw;
  if (content == null) throw new WeftError('DATA_LOSS', 'the answer holds no image');
  return content;
}
