// Images that a person names. They are sent as they are: the mesh decodes them. Here only their first bytes are looked
// at, to tell a picture from a text.
import type { Shell } from '../shell.ts';
import { readLocalFile } from './read-local-file.ts';

/** The bytes of an image file, or of stdin for `-`. */
export async function readImage(shell: Shell, path: string): Promise<Buffer> {
  return path === '-' ? await shell.readInput() : await readLocalFile(path);
}

/** Whether these are the first bytes of a JPEG, PNG, GIF, WebP, TIFF, AVIF or HEIF file. */
export function isImage(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  return /^(?:\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|II\*\0|MM\0\*|....ftyp(?:avi[fs]|mif1|hei[cx]))/s.test(start);
}
