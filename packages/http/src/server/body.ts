// The body of a request as it arrived, piece by piece: pieces are put together only where somebody must see them in one, so that
// tensors are copied once, into the message that they become.
import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { invalidArgument, WeftError } from '@weft/errors';
import type { BinaryPart } from '../infer/assemble-payload.ts';

export class Body {
  readonly length: number;
  readonly #pieces: readonly Buffer[];

  constructor(pieces: readonly Buffer[]) {
    this.#pieces = pieces;
    this.length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  /** In one piece; shares memory where it lies in one. */
  bytes(start = 0, end = this.length): Buffer {
    const [only, ...others] = this.#pieces;
    if (only !== undefined && others.length === 0) return only.subarray(start, end);
    const all = Buffer.allocUnsafeSlow(end - start);
    this.copy(all, 0, { start, end });
    return all;
  }

  /** What lies behind the first bytes, uncopied. */
  behind(start: number): BinaryPart {
    return {
      length: this.length - start,
      copy: (target, at, range) => this.copy(target, at, { start: start + range.start, end: start + range.end }),
    };
  }

  copy(target: Buffer, targetStart: number, { start, end }: { readonly start: number; readonly end: number }): void {
    let [at, to] = [0, targetStart];
    for (const piece of this.#pieces) {
      const [from, until] = [Math.max(start - at, 0), Math.min(end - at, piece.length)];
      if (from < until) to += piece.copy(target, to, from, until);
      at += piece.length;
      if (at >= end) return;
    }
  }
}

/**
 * Rejects with INVALID_ARGUMENT for an encoding that is not known or not what it says, RESOURCE_EXHAUSTED beyond the limit. The request
 * is left as it is then, for an answer to follow: what was not read of it is leaveUnread's.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const pieces: Buffer[] = [];
  let length = 0;
  const plain = plainOf(request, encoding);
  try {
    for await (const piece of plain.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      pieces.push(piece);
    }
  } catch (thrown) {
    if (thrown instanceof WeftError) throw thrown;
    if (request.destroyed && !request.complete)
      throw new WeftError('CANCELLED', 'the client has gone', { cause: thrown });
    throw new WeftError('INVALID_ARGUMENT', `the body is not ${encoding}`, { cause: thrown });
  } finally {
    if (plain !== request) {
      request.unpipe();
      plain.destroy();
    }
  }
  return new Body(pieces);
}

/**
 * Calls back when the connection of a request may be closed, whose answer has been written though its body was not read to the end.
 * Closed at once, with bytes unread, it would be reset, and the client lose the answer that it was about to read. So it gets a moment to
 * take notice, and what comes meanwhile is read and dropped, up to `maxBytes`.
 */
export function leaveUnread(request: IncomingMessage, maxBytes: number, then: () => void): void {
  let left = maxBytes;
  const drop = (piece: Buffer): void => {
    left -= piece.length;
    if (left < 0) request.pause();
  };
  const over = (): void => {
    clearTimeout(timer);
    request.off('data', drop).off('end', over).off('close', over);
    then();
  };
  const timer = setTimeout(over, noticeMs);
  request.on('data', drop).once('end', over).once('close', over).resume();
}

const noticeMs = 1_000;

/** What is inflated counts: a bomb ends at the limit. Not by pipeline, which destroys the request where the encoding is wrong. */
function plainOf(request: IncomingMessage, encoding: string): Readable {
  switch (encoding.trim().toLowerCase()) {
    case 'identity':
    case '':
      return request;
    case 'gzip':
    case 'x-gzip':
      return inflated(request, createGunzip());
    case 'deflate':
      return inflated(request, createInflate());
    default:
      throw invalidArgument(`unknown Content-Encoding '${encoding.slice(0, 40)}': expected gzip or deflate`);
  }
}

function inflated(request: IncomingMessage, inflate: Transform): Readable {
  request.once('close', () => {
    if (!request.complete) inflate.destroy(new Error('the request was cut off'));
  });
  return request.pipe(inflate);
}

function tooLarge(maxBytes: number): WeftError {
  return new WeftError('RESOURCE_EXHAUSTED', `the body is larger than ${maxBytes} bytes`);
}
