// Reads the weight files that a model.json names. A model may come from anywhere, so no path of it leaves the model's
// folder: links are resolved before anything is opened, only plain files are read, and a file is read only after its
// size was seen to be what the manifest promises.
import { constants, open, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { WeftError } from '@weft/errors';

/** The bytes of the shards one after the other; together they must be `expectedBytes` long. */
export async function readShards(folder: string, paths: readonly string[], expectedBytes: number): Promise<Uint8Array> {
  const root = await realpath(folder);
  const shards: Buffer[] = [];
  let total = 0;
  for (const path of paths) {
    const shard = await readShard(root, path, expectedBytes - total);
    shards.push(shard);
    total += shard.byteLength;
  }
  if (total !== expectedBytes) {
    throw new WeftError(
      'INVALID_ARGUMENT',
      `${paths.join(', ')}: expected ${expectedBytes} bytes of weights, found ${total}`,
    );
  }
  return shards.length === 1 && shards[0] !== undefined ? shards[0] : Buffer.concat(shards);
}

async function readShard(root: string, path: string, expectedBytes: number): Promise<Buffer> {
  const real = await realpath(join(root, path)).catch((cause: unknown) => {
    throw new WeftError('NOT_FOUND', `weight file ${path} cannot be read`, { cause });
  });
  if (relative(root, real).split(sep)[0] === '..')
    throw new WeftError('INVALID_ARGUMENT', `weight file ${path} lies outside the model's folder`);
  const file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new WeftError('INVALID_ARGUMENT', `weight file ${path} is not a plain file`);
    if (stats.size > expectedBytes) {
      throw new WeftError(
        'INVALID_ARGUMENT',
        `weight file ${path}: expected ${expectedBytes} bytes or fewer, found ${stats.size}`,
      );
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}
