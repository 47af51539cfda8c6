// Answers compressed as the client asks for in Accept-Encoding. It happens in Node's own threads, at the lowest level: tensors seldom
// shrink much.
import { promisify } from 'node:util';
import { constants, deflate, gzip } from 'node:zlib';
import { negotiate } from '@fastify/accept-negotiator';
import type { HttpAnswer } from './exchange.ts';

/** Below it the header costs more than is won. */
const leastBytes = 1024;

const compressors = { gzip: promisify(gzip), deflate: promisify(deflate) };

/** The answer in an encoding that the client accepts; as it is where there is none, or nothing is won. */
export async function compressed(answer: HttpAnswer, acceptEncoding: string | undefined): Promise<HttpAnswer> {
  const { headers, pieces } = answer;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (acceptEncoding === undefined || length < leastBytes) return answer;
  const encoding = negotiate(acceptEncoding, ['gzip', 'deflate', 'identity']);
  if (encoding !== 'gzip' && encoding !== 'deflate') return answer;
  const whole = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  const bytes = await compressors[encoding](whole, { level: constants.Z_BEST_SPEED });
  if (bytes.length >= length) return answer;
  return { ...answer, headers: { ...headers, 'content-encoding': encoding, vary: 'accept-encoding' }, pieces: [bytes] };
}
