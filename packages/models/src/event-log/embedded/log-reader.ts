// Reads the embedded log's file from where it stopped the last time. The file is replaced when it is compacted, gets shorter
// when a torn end is cut off or an append is taken back, and may be put back from a backup: then it is read from its start.
import { type FileHandle, open, stat } from 'node:fs/promises';
import { WeftError } from '@weft/errors';
import type { LoggedEvent } from '../event-log.ts';
import { codeOf } from './disk-error.ts';
import { type Damage, type DecodedRecords, decodeRecords, findRecord, headBytes, maxRecordBytes } from './record.ts';

export interface NewRecords {
  readonly events: readonly LoggedEvent[];
  /** The events are those of a file read from its start, not only what came on top. */
  readonly fromStart: boolean;
  /** What was passed over on the way to them. */
  readonly damaged: readonly Damage[];
}

export class LogReader {
  readonly #path: string;
  /** Stays open between two reads: as long as it is, no other file gets its inode. */
  #file: FileHandle | undefined;
  #end = 0;
  /** Where the last record stands that was read, and how it begins: its length and its sum tell it from any other. */
  #last = { at: 0, head: Buffer.alloc(0) };

  constructor(path: string) {
    this.#path = path;
  }

  /** Where the last whole record ends. */
  get end(): number {
    return this.#end;
  }

  /** Rejects with DATA_LOSS when the file is damaged, and has been read no further than before. */
  async read(): Promise<NewRecords> {
    await this.#openCurrent();
    if (this.#file === undefined) return { events: [], fromStart: true, damaged: [] };
    const { size } = await this.#file.stat();
    if (size < this.#end || !(await this.#isAsRead(this.#file))) {
      await this.close();
      return await this.read();
    }
    const from = this.#end;
    const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(size - from), 0, size - from, from);
    const read = buffer.subarray(0, bytesRead);
    const decoded = decodeRecords(read);
    this.#requireTorn(read, decoded);
    const { events, lastAt, end } = decoded;
    if (end > 0) this.#last = { at: from + lastAt, head: Buffer.from(read.subarray(lastAt, lastAt + headBytes)) };
    this.#end += end;
    const damaged = decoded.damaged.map(({ atByte, bytes }) => ({ atByte: from + atByte, bytes }));
    return { events, fromStart: from === 0, damaged };
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#end = 0;
    this.#last = { at: 0, head: Buffer.alloc(0) };
    await file?.close();
  }

  async #openCurrent(): Promise<void> {
    const current = await missingAsUndefined(stat(this.#path));
    const mine = await this.#file?.stat();
    if (mine !== undefined && current?.ino === mine.ino && current.dev === mine.dev) return;
    await this.close();
    this.#file = await missingAsUndefined(open(this.#path, 'r'));
  }

  /** False once other records stand where the last one was: an append was taken back and another one made, or a backup put back. */
  async #isAsRead(file: FileHandle): Promise<boolean> {
    const { at, head } = this.#last;
    if (head.length === 0) return true;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(head.length), 0, head.length, at);
    return head.equals(buffer.subarray(0, bytesRead));
  }

  /** One append is torn at most. More than that is a damaged file, and what is behind the damage was acknowledged. */
  #requireTorn(bytes: Buffer, { end }: DecodedRecords): void {
    if (bytes.length - end <= maxRecordBytes && findRecord(bytes, end) === undefined) return;
    throw new WeftError(
      'DATA_LOSS',
      `${this.#path} is damaged at byte ${this.#end + end} of ${this.#end + bytes.length}. Put a backup back, or cut it off there to lose what follows`,
    );
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
