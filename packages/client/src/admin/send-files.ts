// The sending half of a push: files in the order that the router wants them, a piece at a time, and the next one only when
// the connection has taken the last. So a push needs the memory of a piece, however large the files and slow the router.
import { once } from 'node:events';
import { WeftError } from '@weft/errors';
import { type FileDigest, filePieces } from './local-files.ts';
import type { PushFile } from './push-request.ts';

/** The sending half of a call. `write` returns false when what follows should wait for `drain`. */
export interface PieceSink extends NodeJS.EventEmitter {
  write(message: { readonly piece: Buffer }): boolean;
  end(): void;
}

/** Rejects with a WeftError for a file that cannot be read or has changed, and with an AbortError once the call has ended. */
export async function sendFiles(
  sink: PieceSink,
  files: readonly (PushFile & FileDigest)[],
  ended: AbortSignal,
): Promise<void> {
  for (const file of files) {
    if (!('file' in file)) throw new WeftError('INTERNAL', `the router wants ${file.path}, which lies elsewhere`);
    for await (const piece of filePieces(file.file, file.size, ended)) {
      if (ended.aborted) return;
      if (!sink.write({ piece })) await once(sink, 'drain', { signal: ended });
    }
  }
  sink.end();
}
