// Reading protobuf's wire format without a schema. The router looks at a few fields of a message and forwards the
// bytes; a decoder would cost more than the rest of its work. Every function checks bounds: the bytes come from clients.

/** A number of 64 bits, as two of 32. */
export interface VarintBits {
  readonly low: number;
  readonly high: number;
}

/** The bytes are no well-formed protobuf message. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

const wireType = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

/**
 * Walks the fields of one message between two positions. After each `next()` that returns true, `field` and `type` say
 * what stands there and `start..end` is its content; a varint's value is `varint` (exact up to 2^53, for larger ones see `varint64`).
 */
export class FieldReader {
  field = 0;
  type = 0;
  start = 0;
  end = 0;
  varint = 0;
  readonly bytes: Buffer;
  #at: number;
  #limit: number;

  constructor(bytes: Buffer, start = 0, limit = bytes.length) {
    this.bytes = bytes;
    this.#at = start;
    this.#limit = limit;
  }

  next(): boolean {
    if (this.#at >= this.#limit) return false;
    const tag = this.#readVarint();
    this.field = Math.floor(tag / 8);
    this.type = tag % 8;
    if (this.field === 0 || this.field > 0x1fffffff) throw new MalformedMessage('field number out of range');
    this.start = this.#at;
    if (this.type === wireType.varint) {
      this.varint = this.#readVarint();
      this.end = this.#at;
      return true;
    }
    const size = this.#contentSize();
    this.start = this.#at;
    this.end = this.#at + size;
    if (this.end > this.#limit) throw new MalformedMessage('truncated field');
    this.#at = this.end;
    return true;
  }

  /** The content of a length-delimited field as UTF-8 text. */
  text(): string {
    this.expect(wireType.bytes);
    return this.bytes.toString('utf8', this.start, this.end);
  }

  /** The content of a length-delimited field, sharing memory. */
  content(): Buffer {
    this.expect(wireType.bytes);
    return this.bytes.subarray(this.start, this.end);
  }

  /** A reader over the content of a length-delimited field. */
  message(): FieldReader {
    this.expect(wireType.bytes);
    return new FieldReader(this.bytes, this.start, this.end);
  }

  /** The exact value of a varint field, unsigned. */
  varint64(): bigint {
    this.expect(wireType.varint);
    let value = 0n;
    for (let at = this.end - 1; at >= this.start; at--)
      value = (value << 7n) | BigInt((this.bytes[at] as number) & 0x7f);
    return BigInt.asUintN(64, value);
  }

  /** The values of a repeated varint field, packed or not; exact up to 2^53, negative ones as two's complement of 64 bits. */
  packedVarints(): number[] {
    if (this.type === wireType.varint) return [this.varint];
    this.expect(wireType.bytes);
    const numbers = new FieldReader(this.bytes, this.start, this.end);
    const values: number[] = [];
    while (numbers.#at < numbers.#limit) values.push(numbers.#readVarint());
    return values;
  }

  /** The values of a repeated int64 field, packed or not. */
  packedInt64(): bigint[] {
    if (this.type === wireType.varint) return [BigInt.asIntN(64, this.varint64())];
    this.expect(wireType.bytes);
    const numbers = new FieldReader(this.bytes, this.start, this.end);
    const values: bigint[] = [];
    while (numbers.#at < numbers.#limit) {
      numbers.start = numbers.#at;
      numbers.#readVarint();
      numbers.end = numbers.#at;
      values.push(BigInt.asIntN(64, numbers.varint64()));
    }
    return values;
  }

  /** Calls with the two halves of each value of a repeated varint field, packed or not, and its index from `at` on; the next index. */
  eachPackedVarint(at: number, onValue: (bits: VarintBits, at: number) => void): number {
    const bits = { low: 0, high: 0 };
    if (this.type === wireType.varint) {
      this.#bitsAt(this.start, bits);
      onValue(bits, at);
      return at + 1;
    }
    this.expect(wireType.bytes);
    const numbers = new FieldReader(this.bytes, this.start, this.end);
    let index = at;
    while (numbers.#at < numbers.#limit) {
      const start = numbers.#at;
      numbers.#readVarint();
      this.#bitsAt(start, bits);
      onValue(bits, index++);
    }
    return index;
  }

  #bitsAt(start: number, bits: { low: number; high: number }): void {
    let [low, high] = [0, 0];
    for (let at = start, shift = 0; ; at++, shift += 7) {
      const octet = this.bytes[at] as number;
      const seven = octet & 0x7f;
      if (shift < 28) low |= seven << shift;
      else if (shift === 28) {
        low |= seven << 28;
        high |= seven >> 4;
      } else if (shift < 64) high |= seven << (shift - 32);
      if (octet < 0x80) break;
    }
    bits.low = low >>> 0;
    bits.high = high >>> 0;
  }

  /** The first value of a repeated varint field, packed or not, as `varint` gives it; undefined when a packed one is empty. */
  firstPackedVarint(): number | undefined {
    if (this.type === wireType.varint) return this.varint;
    this.expect(wireType.bytes);
    if (this.start === this.end) return undefined;
    // Without a reader for the content: this is read of every request.
    const [at, limit] = [this.#at, this.#limit];
    this.#at = this.start;
    this.#limit = this.end;
    const value = this.#readVarint();
    this.#at = at;
    this.#limit = limit;
    return value;
  }

  /** A field of another wire type than its schema says is a malformed message, not an unknown field. */
  expect(type: number): void {
    if (this.type !== type) throw new MalformedMessage(`field ${this.field} has wire type ${this.type}`);
  }

  #contentSize(): number {
    switch (this.type) {
      case wireType.bytes:
        return this.#readVarint();
      case wireType.fixed64:
        return 8;
      case wireType.fixed32:
        return 4;
      default:
        throw new MalformedMessage(`wire type ${this.type}`);
    }
  }

  #readVarint(): number {
    const { bytes } = this;
    let at = this.#at;
    let value = 0;
    let scale = 1;
    for (let length = 1; length <= 10; length++) {
      if (at >= this.#limit) throw new MalformedMessage('truncated number');
      const octet = bytes[at++] as number;
      value += (octet & 0x7f) * scale;
      if (octet < 0x80) {
        this.#at = at;
        return value;
      }
      scale *= 128;
    }
    throw new MalformedMessage('number longer than 10 bytes');
  }
}
