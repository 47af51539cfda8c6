// The body of a request as it arrived, piece by piece: pieces are put together only where somebody must see them in one, so that
// tensors are copied once, into the message that they become.
import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
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

/** Rejects with INVALID_ARGUMENT for an encoding that is not known or not what it says, RESOURCE_EXHAUSTED beyond the limit. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of plainOf(request, encoding) as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      pieces.push(piece);
    }
  } catch (thrown) {
    if (thrown instanceof WeftError) throw thrown;
    if (request.destroyed && !request.complete)
      throw new WeftError('CANCELLED', 'the client has gone', { cause: thrown });
    throw new WeftError('INVALID_ARGUMENT', `the body is not ${encoding}`, { cause: thrown });
  }
  return new Body(pieces);
}

/** What is inflated counts: a bomb ends at the limit. */
function plainOf(request: IncomingMessage, encoding: string): Readable {
  switch (encoding.trim().toLowerCase()) {
    case 'identity':
    case '':
      return request;
    case 'gzip':
    case 'x-gzip':
      return pipeline(request, createGunzip(), () => {});
    case 'deflate':
      return pipeline(request, createInflate(), () => {});
    default:
      throw invalidArgument(`unknown Content-Encoding '${encoding.slice(0, 40)}': expected gzip or deflate`);
  }
}

function tooLarge(maxBytes: number): WeftError {
  return new WeftError('RESOURCE_EXHAUSTED', `the body is larger than ${maxBytes} bytes`);
}
