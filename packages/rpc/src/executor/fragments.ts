// Messages over 4 MiB travel on an Attach stream in pieces, so that one big image neither needs a buffer of its size in
// the transport nor trips a message limit. Pieces of one message follow each other; the receiver bounds the whole.
//
// A large message need not lie in one piece before it is cut: every buffer of megabytes that is made on the way costs its
// process a part of a garbage collection, which is more than the copying.
import { bytesFieldSize, FieldWriter, varintFieldSize } from '../wire/write.ts';

export const fragmentBytes = 4 * 1024 * 1024;

/** An encoded message: whole, or in parts that follow each other. */
export type Message = Buffer | readonly Buffer[];

/** Of one message, piece by piece. */
export class FragmentCutter {
  readonly #parts: readonly Buffer[];
  #left: number;
  /** What comes next: a part, and how much of it is gone. */
  #part = 0;
  #at = 0;

  constructor(message: Message) {
    this.#parts = partsOf(message);
    this.#left = sizeOf(message);
  }

  /** How large a buffer the next piece takes. */
  get size(): number {
    const { content, last } = this.#next();
    return bytesFieldSize(bytesFieldSize(content) + varintFieldSize(last));
  }

  get done(): boolean {
    return this.#left === 0;
  }

  /** Writes the next piece to the beginning of `out`; shares memory with it. */
  take(out: FieldWriter): Buffer {
    const { content, last } = this.#next();
    out.at = 0;
    out.open(5, bytesFieldSize(content) + varintFieldSize(last));
    out.open(1, content);
    const end = out.at + content;
    while (out.at < end) {
      const part = this.#parts[this.#part] as Buffer;
      const copied = part.copy(out.bytes, out.at, this.#at, this.#at + end - out.at);
      out.at += copied;
      this.#at += copied;
      if (this.#at < part.length) continue;
      this.#part++;
      this.#at = 0;
    }
    out.varintField(2, last);
    this.#left -= content;
    return out.bytes.subarray(0, out.at);
  }

  #next(): { readonly content: number; readonly last: 0 | 1 } {
    return { content: Math.min(this.#left, fragmentBytes), last: this.#left <= fragmentBytes ? 1 : 0 };
  }
}

/** The messages to send for one message: itself, or its pieces. */
export function fragmentsOf(message: Message): readonly Buffer[] {
  if (travelsWhole(message)) return [message];
  const cutter = new FragmentCutter(message);
  const fragments: Buffer[] = [];
  while (!cutter.done) fragments.push(cutter.take(new FieldWriter(cutter.size)));
  return fragments;
}

export function travelsWhole(message: Message): message is Buffer {
  return message instanceof Uint8Array && message.length <= fragmentBytes;
}

/** In one piece; copied where it is in several. */
export function wholeOf(message: Message): Buffer {
  return message instanceof Uint8Array ? message : Buffer.concat(message);
}

function partsOf(message: Message): readonly Buffer[] {
  return message instanceof Uint8Array ? [message] : message;
}

function sizeOf(message: Message): number {
  return partsOf(message).reduce((sum, part) => sum + part.length, 0);
}

/** A batch of the largest messages that any setting allows, with what is around them. */
const largestBytes = 2 ** 31 + fragmentBytes;

/**
 * Puts pieces together again. `add` returns the whole message with its last piece and throws a RangeError over the limit. That is no
 * client's: the process at the other end may have been told another one, and what it let in costs a message here, not the stream.
 */
export class Reassembler {
  #pieces: Buffer[] = [];
  #size = 0;
  readonly #maxBytes: number;

  constructor(maxBytes = largestBytes) {
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
