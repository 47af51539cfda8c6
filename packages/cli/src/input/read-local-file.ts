// Files that a person names: a failure to read one is told in a person's words.
import { open, readFile, writeFile } from 'node:fs/promises';
import { WeftError } from '@weft/errors';

export async function readLocalFile(path: string): Promise<Buffer> {
  return await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(path, cause);
  });
}

/** Its first bytes: as many as there are, of those that are wanted. */
export async function readFileStart(path: string, length: number): Promise<Buffer> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(path, cause);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function unreadable(path: string, cause: NodeJS.ErrnoException): WeftError {
  return new WeftError('NOT_FOUND', problemWith(path, cause), { cause });
}

export async function writeLocalFile(path: string, content: Uint8Array): Promise<void> {
  await writeFile(path, content).catch((cause: NodeJS.ErrnoException) => {
    throw new WeftError('FAILED_PRECONDITION', `cannot write ${problemWith(path, cause)}`, { cause });
  });
}

function problemWith(path: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return `${path}: no such file or directory`;
  if (code === 'EISDIR') return `${path}: is a directory`;
  if (code === 'EACCES' || code === 'EPERM') return `${path}: permission denied`;
  return `${path}: ${message}`;
}
