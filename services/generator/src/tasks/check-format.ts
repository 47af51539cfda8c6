// A format that a newer client knows and this service does not arrives as a bare number.
import { invalidArgument } from '@weft/errors';
import type { ImageFormat__Output } from '@weft/rpc/messages/weft/generator/v1/ImageFormat';

const formats: ReadonlySet<unknown> = new Set<ImageFormat__Output>([
  'IMAGE_FORMAT_UNSPECIFIED',
  'IMAGE_FORMAT_PNG',
  'IMAGE_FORMAT_JPEG',
  'IMAGE_FORMAT_WEBP',
  'IMAGE_FORMAT_RAW',
]);

/** The format as it is. Throws INVALID_ARGUMENT for one that nobody here can write. */
export function checkFormat(format: ImageFormat__Output): ImageFormat__Output {
  if (formats.has(format)) return format;
  throw invalidArgument(`format: unknown image format ${String(format)}`);
}
