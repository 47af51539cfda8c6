// Lets an artifact's bytes pass while it counts and digests them, so that a depot knows at the end whether to keep them.
import { createHash } from 'node:crypto';
import type { StoredFile } from './artifact-depot.ts';
import { wrongContent } from './check-new-event.ts';

/** The same pieces; throws DATA_LOSS when they are more than, or at their end other than, the file says. */
export async function* digestChecked(file: StoredFile, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of content) {
    size += piece.length;
    // What is too long is not read to its end: that may never come.
    if (size > file.size) throw wrongContent(file, { size, sha256: 'another one' });
    hash.update(piece);
    yield piece;
  }
  const sha256 = hash.digest('hex');
  if (size !== file.size || sha256 !== file.sha256) throw wrongContent(file, { size, sha256 });
}
