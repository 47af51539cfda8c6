// Writing protobuf's wire format in two passes, sizes first, into one buffer that the message owns alone: no list of
// operations and no object for each field, because the executor's messages are the hottest path of the mesh.

export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Of an unsigned number of 64 bits. */
export function varint64Size(value: bigint): number {
  let size = 1;
  for (let rest = value; rest >= 128n; rest >>= 7n) size++;
  return size;
}

/** Size of a length-delimited field with its tag (field number below 16). */
export function bytesFieldSize(contentSize: number): number {
  return 1 + varintSize(contentSize) + contentSize;
}

/** Size of a varint field with its tag (field number below 16); 0 is left out, as in proto3. */
export function varintFieldSize(value: number): number {
  return value === 0 ? 0 : 1 + varintSize(value);
}

/** Size of a string field; the empty one is left out. */
export function textFieldSize(text: string): number {
  return text === '' ? 0 : bytesFieldSize(Buffer.byteLength(text));
}

export class FieldWriter {
  readonly bytes: Buffer;
  at = 0;
  #cutAt = 0;

  /** Not from the pool, if nothing else is said: most of these buffers are transferred between threads, and that would take the pool along. */
  constructor(size: number, bytes: Buffer = Buffer.allocUnsafeSlow(size)) {
    this.bytes = bytes;
  }

  /** What was written since the last cut; for messages whose large contents are not copied in between. */
  cut(): Buffer {
    const part = this.bytes.subarray(this.#cutAt, this.at);
    this.#cutAt = this.at;
    return part;
  }

  varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.bytes[this.at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.at++] = rest;
  }

  /** An unsigned number of 64 bits. */
  varint64(value: bigint): void {
    let rest = value;
    for (; rest >= 128n; rest >>= 7n) this.bytes[this.at++] = Number(rest & 0x7fn) | 0x80;
    this.bytes[this.at++] = Number(rest);
  }

  varintField(field: number, value: number): void {
    if (value === 0) return;
    this.bytes[this.at++] = field << 3;
    this.varint(value);
  }

  /** Tag and length of a length-delimited field whose content the caller writes next. */
  open(field: number, contentSize: number): void {
    this.bytes[this.at++] = (field << 3) | 2;
    this.varint(contentSize);
  }

  bytesField(field: number, content: Uint8Array): void {
    this.open(field, content.length);
    this.bytes.set(content, this.at);
    this.at += content.length;
  }

  textField(field: number, text: string): void {
    if (text === '') return;
    this.open(field, Buffer.byteLength(text));
    this.at += this.bytes.write(text, this.at, 'utf8');
  }
}
