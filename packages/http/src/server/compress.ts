// Answers compressed as the client asks for in Accept-Encoding. It happens in Node's own threads, at the lowest level: tensors seldom
// shrink much.
import { promisify } from 'node:util';
import { constants, deflate, gzip } from 'node:zlib';
import { negotiate } from '@fastify/accept-negotiator';

/** Below it the header costs more than is won. */
const leastBytes = 1024;

const compressors = { gzip: promisify(gzip), deflate: promisify(deflate) };

export interface Compressed {
  readonly encoding: 'gzip' | 'deflate';
  readonly bytes: Buffer;
}

/** Undefined: as it is. */
export async function compress(
  pieces: readonly Buffer[],
  acceptEncoding: string | undefined,
): Promise<Compressed | undefined> {
  if (acceptEncoding === undefined) return undefined;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (length < leastBytes) return undefined;
  const encoding = negotiate(acceptEncoding, ['gzip', 'deflate', 'identity']);
  if (encoding !== 'gzip' && encoding !== 'deflate') return undefined;
  const whole = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  const bytes = await compressors[encoding](whole, { level: constants.Z_BEST_SPEED });
  return bytes.length < length ? { encoding, bytes } : undefined;
}
