// The files of a push, on this machine's disk: their digests, and their bytes in pieces.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { WeftError } from '@weft/errors';

export interface FileDigest {
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly size: number;
}

export interface DigestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes read since the last call. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

const pieceBytes = 512 * 1024;

/**
 * The digest and size of a file, read once. Rejects with NOT_FOUND or FAILED_PRECONDITION for one that cannot be read, with
 * CANCELLED when the signal aborts.
 *
 * @example
 * const { sha256, size } = await digestFile('out/model.onnx');
 */
export async function digestFile(file: string, { signal, onBytes }: DigestOptions = {}): Promise<FileDigest> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of readPieces(file, Number.POSITIVE_INFINITY, signal)) {
    hash.update(piece);
    size += piece.length;
    onBytes?.(piece.length);
  }
  return { sha256: hash.digest('hex'), size };
}

/** Exactly the first `size` bytes of a file, in pieces. Rejects with FAILED_PRECONDITION when it has become shorter. */
export async function* filePieces(file: string, size: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  let left = size;
  if (size > 0) {
    for await (const piece of readPieces(file, size - 1, signal)) {
      left -= piece.length;
      yield piece;
    }
  }
  if (left > 0) throw new WeftError('FAILED_PRECONDITION', `${file} has changed while it was pushed`);
}

async function* readPieces(file: string, end: number, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  try {
    const stream = createReadStream(file, { highWaterMark: pieceBytes, end, ...(signal && { signal }) });
    for await (const piece of stream) yield piece as Buffer;
  } catch (cause) {
    if (signal?.aborted) throw new WeftError('CANCELLED', 'the call was cancelled', { cause: signal.reason });
    throw unreadable(file, cause as NodeJS.ErrnoException);
  }
}

function unreadable(file: string, cause: NodeJS.ErrnoException): WeftError {
  if (cause.code === 'ENOENT') return new WeftError('NOT_FOUND', `${file}: no such file`, { cause });
  if (cause.code === 'EACCES') return new WeftError('FAILED_PRECONDITION', `${file}: permission denied`, { cause });
  return new WeftError('FAILED_PRECONDITION', `${file}: ${cause.message}`, { cause });
}
