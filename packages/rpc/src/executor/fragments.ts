// Messages over 4 MiB travel on an Attach stream in pieces, so that one big image neither needs a buffer of its size in
// the transport nor trips a message limit. Pieces of one message follow each other; the receiver bounds the whole.
import { bytesFieldSize, FieldWriter, varintFieldSize } from '../wire/write.ts';

export const fragmentBytes = 4 * 1024 * 1024;

/** The messages to send for one message: itself, or its pieces. */
export function fragmentsOf(message: Buffer): readonly Buffer[] {
  if (message.length <= fragmentBytes) return [message];
  const fragments: Buffer[] = [];
  for (let at = 0; at < message.length; at += fragmentBytes) {
    const piece = message.subarray(at, at + fragmentBytes);
    fragments.push(encodeFragment(piece, at + fragmentBytes >= message.length));
  }
  return fragments;
}

function encodeFragment(piece: Buffer, last: boolean): Buffer {
  const size = bytesFieldSize(piece.length) + varintFieldSize(Number(last));
  const out = new FieldWriter(bytesFieldSize(size));
  out.open(5, size);
  out.bytesField(1, piece);
  out.varintField(2, Number(last));
  return out.bytes;
}

/** Puts pieces together again. `add` returns the whole message with its last piece and throws a RangeError over the limit. */
export class Reassembler {
  #pieces: Buffer[] = [];
  #size = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(piece: Buffer, last: boolean): Buffer | undefined {
    this.#size += piece.length;
    if (this.#size > this.#maxBytes) throw new RangeError(`a message in pieces is over ${this.#maxBytes} bytes`);
    this.#pieces.push(piece);
    if (!last) return undefined;
    const whole = Buffer.allocUnsafeSlow(this.#size);
    let at = 0;
    for (const part of this.#pieces) at += part.copy(whole, at);
    this.#pieces = [];
    this.#size = 0;
    return whole;
  }
}
