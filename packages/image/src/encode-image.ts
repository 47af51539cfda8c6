// Results on their way out: RGB pixels as the Image message, in the format that the request asked for.
import type { Image } from '@weft/rpc/messages/weft/vision/v1/Image';
import type { ImageFormat__Output } from '@weft/rpc/messages/weft/generator/v1/ImageFormat';
import sharp, { type Sharp } from 'sharp';
import type { RgbImage } from './rgb-image.ts';

const jpegQuality = 92;
const webpQuality = 90;

/** The image in the given format: an unspecified format is PNG. */
export async function encodeImage(image: RgbImage, format: ImageFormat__Output): Promise<Image> {
  switch (format) {
    case 'IMAGE_FORMAT_RAW':
      return { raw: { width: image.width, height: image.height, channels: 3, pixels: image.pixels } };
    case 'IMAGE_FORMAT_JPEG':
      return { encoded: await openImage(image).jpeg({ quality: jpegQuality }).toBuffer() };
    case 'IMAGE_FORMAT_WEBP':
      return { encoded: await openImage(image).webp({ quality: webpQuality }).toBuffer() };
    case 'IMAGE_FORMAT_PNG':
    case 'IMAGE_FORMAT_UNSPECIFIED':
      // Photographs hardly shrink further at higher levels, which cost many times the time.
      return { encoded: await openImage(image).png({ compressionLevel: 6 }).toBuffer() };
  }
}

/** A sharp pipeline that starts with this image. */
export function openImage(image: RgbImage): Sharp {
  return sharp(image.pixels, {
    raw: { width: image.width, height: image.height, channels: 3 },
    limitInputPixels: false,
  });
}
