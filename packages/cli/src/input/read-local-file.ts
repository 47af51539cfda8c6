// Files that a person names: a failure to read one is told in a person's words.
import { readFile, writeFile } from 'node:fs/promises';
import { WeftError } from '@weft/errors';

export async function readLocalFile(path: string): Promise<Buffer> {
  return await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new WeftError('NOT_FOUND', problemWith(path, cause), { cause });
  });
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
