// The two steps that make a change of a folder survive a power cut, and writing all of some bytes.
import { type FileHandle, open } from 'node:fs/promises';
import { codeOf } from './disk-error.ts';

/** After a file in the folder was created, renamed or removed. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Some systems have no such thing as a folder that is synced.
    if (!['EPERM', 'EISDIR', 'EINVAL'].includes(codeOf(error))) throw error;
  } finally {
    await folder.close();
  }
}

/** A write may take less than it was given, as it does just before the disk is full. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}
