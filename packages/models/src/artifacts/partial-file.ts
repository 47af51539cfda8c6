// A file that is being written: its digest is computed on the way, and nothing is written that cannot belong to it.
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { WeftError } from '@weft/errors';
import { storeFailure } from './store-failure.ts';

export interface Bounds {
  /** What the file must have; undefined: not known beforehand. */
  readonly size: number | undefined;
  readonly maxBytes: number;
}

export class PartialFile {
  readonly #path: string;
  readonly #bounds: Bounds;
  readonly #file: FileHandle;
  #hash: Hash = createHash('sha256');
  #written = 0;

  private constructor(path: string, bounds: Bounds, file: FileHandle) {
    this.#path = path;
    this.#bounds = bounds;
    this.#file = file;
  }

  static async create(path: string, bounds: Bounds): Promise<PartialFile> {
    const file = await open(path, 'wx', 0o444).catch((thrown: unknown) => {
      throw storeFailure(thrown);
    });
    return new PartialFile(path, bounds, file);
  }

  get writtenBytes(): number {
    return this.#written;
  }

  async append(piece: Uint8Array): Promise<void> {
    const { size, maxBytes } = this.#bounds;
    const length = this.#written + piece.length;
    if (size !== undefined && length > size)
      throw new WeftError('DATA_LOSS', `it is longer than the ${size} bytes that it should have`);
    if (length > maxBytes) throw overLimit(maxBytes);
    try {
      for (let offset = 0; offset < piece.length; ) {
        const { bytesWritten } = await this.#file.write(piece, offset, piece.length - offset, this.#written + offset);
        offset += bytesWritten;
      }
    } catch (thrown) {
      throw storeFailure(thrown);
    }
    this.#hash.update(piece);
    this.#written = length;
  }

  /** Back to an empty file. */
  async restart(): Promise<void> {
    await this.#file.truncate(0).catch((thrown: unknown) => {
      throw storeFailure(thrown);
    });
    this.#hash = createHash('sha256');
    this.#written = 0;
  }

  /** Makes the file safe and resolves to its digest. DATA_LOSS when size or digest are not the expected ones. */
  async finish(sha256: string | undefined): Promise<string> {
    const { size } = this.#bounds;
    if (size !== undefined && this.#written !== size)
      throw new WeftError('DATA_LOSS', `it ends after ${this.#written} of ${size} bytes`);
    const digest = this.#hash.digest('hex');
    if (sha256 !== undefined && digest !== sha256)
      throw new WeftError('DATA_LOSS', `its sha-256 digest is ${digest}, not ${sha256}`);
    try {
      await this.#file.sync();
      await this.#file.close();
    } catch (thrown) {
      throw storeFailure(thrown);
    }
    return digest;
  }

  /** After a failure: nothing stays. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(this.#path, { force: true });
  }
}

export function overLimit(maxBytes: number): WeftError {
  return new WeftError('RESOURCE_EXHAUSTED', `it is larger than the ${maxBytes} bytes of --max-artifact-bytes`);
}
