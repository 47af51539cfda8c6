// Opens a file whose real path was checked. Neither a link that took its place meanwhile nor a pipe, which would block, is opened.
import { constants, open } from 'node:fs/promises';
import { WeftError } from '@weft/errors';
import type { OpenedFile } from './artifact-source.ts';

export async function openLocalFile(path: string, fromByte: number): Promise<OpenedFile> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((cause: unknown) => {
    throw new WeftError('PERMISSION_DENIED', 'it cannot be read', { cause });
  });
  const stats = await file.stat();
  if (!stats.isFile()) {
    await file.close();
    throw new WeftError('PERMISSION_DENIED', 'it is no plain file');
  }
  const stream = file.createReadStream({ start: fromByte });
  return {
    startsAt: fromByte,
    size: stats.size,
    sha256: undefined,
    edition: undefined,
    bytes: stream,
    close: () => void stream.destroy(),
  };
}
