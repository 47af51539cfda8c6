// Appends to the embedded log's file: one at a time, each synced before it is acknowledged, and taken back where the disk did
// not take all of it. The file is rewritten with the last event of each model once it is mostly superseded; one in which the disk
// has damaged events stays beside it then, as `log.damaged-<inode>`.
import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { changedMeanwhile } from '../check-new-event.ts';
import type { LoggedEvent, NewEvent } from '../event-log.ts';
import { codeOf, diskError } from './disk-error.ts';
import { syncFolder, writeAll } from './durable.ts';
import { LogReader, type NewRecords } from './log-reader.ts';
import { encodeRecord } from './record.ts';
import { WriterLock } from './writer-lock.ts';

/** What the writer knows of the file while it holds the lock. */
interface Opened {
  readonly lock: WriterLock;
  readonly last: Map<string, { readonly revision: number; readonly recordBytes: number }>;
  file: FileHandle;
  /** As this writer left it: who put a backup back left another one. */
  stamp: string;
  end: number;
  revision: number;
  compactAtBytes: number;
}

export interface LogWriterOptions {
  readonly folder: string;
  readonly path: string;
  /** A file below this is never compacted. */
  readonly compactAtBytes: number;
}

export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #token = randomUUID();
  #opened: Opened | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  append(event: NewEvent): Promise<number> {
    return this.#inTurn(async () => {
      try {
        return await this.#append(event);
      } catch (error) {
        throw diskError(`cannot write ${this.#options.path}`, error);
      }
    });
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#giveUp());
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #append(event: NewEvent): Promise<number> {
    const opened = await this.#open();
    const known = opened.last.get(event.model)?.revision ?? 0;
    if (known !== event.after) throw changedMeanwhile(event, known);
    // Followers may have seen a revision whose append is taken back: it is not given again.
    const revision = ++opened.revision;
    const record = encodeRecord({ model: event.model, revision, bytes: event.bytes });
    try {
      await writeAll(opened.file, record, opened.end);
      await opened.file.sync();
    } catch (error) {
      await this.#takeBack(opened);
      throw error;
    }
    opened.end += record.length;
    opened.last.set(event.model, { revision, recordBytes: record.length });
    opened.stamp = stampOf(await opened.file.stat());
    if (opened.end >= opened.compactAtBytes) await this.#compact(opened);
    return revision;
  }

  async #takeBack(opened: Opened): Promise<void> {
    try {
      await opened.file.truncate(opened.end);
      await opened.file.sync();
      opened.stamp = stampOf(await opened.file.stat());
    } catch {
      // Whoever opens the file next cuts off what is torn.
      await this.#giveUp();
    }
  }

  async #open(): Promise<Opened> {
    const { folder, path } = this.#options;
    if (this.#opened !== undefined) {
      const { lock, stamp } = this.#opened;
      if ((await lock.isHeld()) && (await stampAt(path)) === stamp) return this.#opened;
      await this.#giveUp();
    }
    await mkdir(folder, { recursive: true });
    const lock = await WriterLock.take(folder, this.#token);
    try {
      this.#opened = await this.#readAll(lock);
      return this.#opened;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async #readAll(lock: WriterLock): Promise<Opened> {
    const { folder, path, compactAtBytes } = this.#options;
    await (await open(path, 'a')).close();
    const file = await open(path, 'r+');
    try {
      const { events, end } = await wholeRecords(path);
      if ((await file.stat()).size > end) {
        await file.truncate(end);
        await file.sync();
      }
      for (const made of [folder, dirname(folder)]) await syncFolder(made);
      const last = new Map(events.map((event) => [event.model, sizeOf(event)]));
      const revision = events.reduce((top, event) => Math.max(top, event.revision), 0);
      const stamp = stampOf(await file.stat());
      return { lock, last, file, stamp, end, revision, compactAtBytes };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #giveUp(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.file.close();
    await opened?.lock.release();
  }

  /** What goes wrong here costs nothing but room: it is tried again when the file has doubled. */
  async #compact(opened: Opened): Promise<void> {
    const { folder, path, compactAtBytes } = this.#options;
    opened.compactAtBytes = Math.max(compactAtBytes, 2 * opened.end);
    const liveBytes = [...opened.last.values()].reduce((sum, { recordBytes }) => sum + recordBytes, 0);
    if (liveBytes > opened.end / 2) return;
    const draft = join(folder, 'log.new');
    try {
      const { events, damaged } = await wholeRecords(path);
      const live = events.filter(({ model, revision }) => opened.last.get(model)?.revision === revision);
      const bytes = Buffer.concat(live.map(encodeRecord));
      const file = await open(draft, 'w+');
      try {
        await writeAll(file, bytes, 0);
        await file.sync();
        if (damaged.length > 0) await keep(path, `${path}.damaged-${(await opened.file.stat()).ino}`);
        await rename(draft, path);
      } catch (error) {
        await file.close();
        throw error;
      }
      const replaced = opened.file;
      opened.file = file;
      opened.end = bytes.length;
      opened.compactAtBytes = Math.max(compactAtBytes, 2 * bytes.length);
      opened.stamp = stampOf(await file.stat());
      await replaced.close();
      await syncFolder(folder);
    } catch {
      await rm(draft, { force: true });
    }
  }
}

const sizeOf = (event: LoggedEvent) => ({ revision: event.revision, recordBytes: encodeRecord(event).length });

/** There already: this very file, by an attempt that failed after this. */
async function keep(file: string, name: string): Promise<void> {
  await link(file, name).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}

async function wholeRecords(path: string): Promise<Pick<NewRecords, 'events' | 'damaged'> & { readonly end: number }> {
  const reader = new LogReader(path);
  try {
    const { events, damaged } = await reader.read();
    return { events, damaged, end: reader.end };
  } finally {
    await reader.close();
  }
}

const stampOf = ({ dev, ino, size, mtimeMs }: Stats): string => [dev, ino, size, mtimeMs].join();

/** Of whatever cannot be looked at: none that a writer has left. */
async function stampAt(path: string): Promise<string> {
  return await stat(path).then(stampOf, () => '');
}
