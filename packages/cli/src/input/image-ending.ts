// The format in which an image is written, by the ending of its file.
import { extname } from 'node:path';
import type { ImageFormat } from '@weft/client';
import { usageError } from '../usage-error.ts';

export type FileFormat = Exclude<ImageFormat, 'raw'>;

const formats: Readonly<Record<string, FileFormat>> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.webp': 'webp',
};

/** Throws a usage error for an ending that none has. */
export function formatOfEnding(path: string): FileFormat {
  const format = formats[extname(path).toLowerCase()];
  if (format === undefined) throw usageError(`${path}: the result must end in ${Object.keys(formats).join(', ')}`);
  return format;
}
