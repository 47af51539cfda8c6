// The digests that the model repository agent `checksum` demands, checked before anything of the model is opened. MD5 tells damage
// only; against malice `weft.sha256` and signatures are the means.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { WeftError } from '@weft/errors';
import type { Artifact } from '@weft/models';

/** Rejects with FAILED_PRECONDITION naming the file that is not what it should be. */
export async function checkFiles(checksums: NonNullable<Artifact['checksums']>): Promise<void> {
  for (const { file, name, md5 } of checksums) {
    const hash = createHash('md5');
    await pipeline(createReadStream(file), hash);
    const actual = hash.digest('hex');
    if (actual !== md5)
      throw new WeftError('FAILED_PRECONDITION', `MD5 of '${name}' is ${actual}, but the configuration demands ${md5}`);
  }
}
