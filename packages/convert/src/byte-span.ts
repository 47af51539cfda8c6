// A piece of a file or of memory that is read only as far as it is looked at: of a model's gigabytes nearly all are numbers of
// tensors, which nobody has to see who asks for names and shapes.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

interface ByteSource {
  /** The bytes from `start` to `end`, valid until the next call. */
  read(start: number, end: number): Uint8Array;
}

const windowBytes = 65_536;

export class ByteSpan {
  readonly #source: ByteSource;
  readonly #start: number;
  readonly #end: number;

  private constructor(source: ByteSource, start: number, end: number) {
    this.#source = source;
    this.#start = start;
    this.#end = end;
  }

  static of(bytes: Uint8Array): ByteSpan {
    return new ByteSpan({ read: (start, end) => bytes.subarray(start, end) }, 0, bytes.length);
  }

  /** What `look` returns for the file's content; the span is void afterwards. */
  static inFile<T>(path: string, look: (content: ByteSpan) => T): T {
    const file = openSync(path, 'r');
    try {
      return look(new ByteSpan(new FileWindow(file), 0, fstatSync(file).size));
    } finally {
      closeSync(file);
    }
  }

  get size(): number {
    return this.#end - this.#start;
  }

  /** Throws RangeError where the piece does not lie within this one. */
  piece(offset: number, size: number): ByteSpan {
    if (offset + size > this.size) throw new RangeError('a piece beyond the end');
    return new ByteSpan(this.#source, this.#start + offset, this.#start + offset + size);
  }

  /** At most `size` bytes from `offset` on, valid until the next call. */
  peek(offset: number, size: number): Uint8Array {
    return this.#source.read(this.#start + offset, Math.min(this.#start + offset + size, this.#end));
  }

  /** A copy of all of it. */
  bytes(): Uint8Array {
    return Uint8Array.from(this.peek(0, this.size));
  }
}

class FileWindow implements ByteSource {
  readonly #file: number;
  #window = new Uint8Array(windowBytes);
  #from = 0;
  #to = 0;

  constructor(file: number) {
    this.#file = file;
  }

  read(start: number, end: number): Uint8Array {
    if (start < this.#from || end > this.#to) this.#load(start, end - start);
    return this.#window.subarray(start - this.#from, end - this.#from);
  }

  #load(start: number, size: number): void {
    if (size > this.#window.length) this.#window = new Uint8Array(size);
    this.#from = start;
    this.#to = start + readSync(this.#file, this.#window, 0, this.#window.length, start);
    if (this.#to < start + size) throw new RangeError('the file has become shorter');
  }
}
