// Reads the embedded log's file from where it stopped the last time. The file is replaced when it is compacted, and gets
// shorter when a torn end is cut off or an append is taken back.
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { LoggedEvent } from '../event-log.ts';
import { codeOf } from './disk-error.ts';
import { decodeRecords } from './record.ts';

export interface NewRecords {
  readonly events: readonly LoggedEvent[];
  /** The events are those of a file read from its start, not only what came on top. */
  readonly fromStart: boolean;
}

export class LogReader {
  readonly #path: string;
  /** Stays open between two reads: as long as it is, no other file gets its inode. */
  #file: FileHandle | undefined;
  #end = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Where the last whole record ends. */
  get end(): number {
    return this.#end;
  }

  async read(): Promise<NewRecords> {
    const fromStart = await this.#openCurrent();
    if (this.#file === undefined) return { events: [], fromStart };
    const { size } = await this.#file.stat();
    if (size < this.#end) {
      await this.close();
      return await this.read();
    }
    const bytes = Buffer.alloc(size - this.#end);
    const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, this.#end);
    const { events, end } = decodeRecords(bytes.subarray(0, bytesRead));
    this.#end += end;
    return { events, fromStart };
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#end = 0;
    await file?.close();
  }

  async #openCurrent(): Promise<boolean> {
    const current = await missingAsUndefined(stat(this.#path));
    const mine = await this.#file?.stat();
    if (mine !== undefined && current?.ino === mine.ino && current.dev === mine.dev) return false;
    await this.close();
    this.#file = await missingAsUndefined(open(this.#path, 'r'));
    return true;
  }
}

async function missingAsUndefined<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
