// The last event of each model, as this process has seen it, in files of its own: a replica that starts while the event log
// cannot be reached serves what it served before, and a router keeps to the shares that hold. One file for each model, replaced
// whole, so that processes may share a folder.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoggedEvent } from './event-log.ts';

/** Where problems are told. */
interface Warnings {
  warn(event: string, fields: Readonly<Record<string, unknown>>): void;
}

export class LastKnown {
  readonly #directory: string;
  readonly #log: Warnings;
  /** Model → the writing of its newest event, one after the other. */
  readonly #writing = new Map<string, Promise<void>>();

  constructor(directory: string, log: Warnings) {
    this.#directory = directory;
    this.#log = log;
  }

  /** What is readable; the rest is told in the log. Removes what killed processes left half written. */
  read(): LoggedEvent[] {
    this.#removeUnfinished();
    return this.#files().flatMap((file) => {
      try {
        const { model, revision, event } = JSON.parse(readFileSync(join(this.#directory, file), 'utf8')) as Written;
        if (fileOf(model) !== file || !Number.isSafeInteger(revision)) throw new TypeError('not what it should be');
        return [{ model, revision, bytes: Buffer.from(event, 'base64') }];
      } catch (error) {
        this.#log.warn('last_known.unreadable', { file, error });
        return [];
      }
    });
  }

  /** In the background; a failure is told in the log, since serving goes on without. */
  write(event: LoggedEvent): void {
    const before = this.#writing.get(event.model) ?? Promise.resolve();
    const written = before
      .then(() => this.#replace(event))
      .catch((error: unknown) => this.#log.warn('last_known.failed', { model: event.model, error }));
    this.#writing.set(event.model, written);
  }

  /** Resolves when all that was asked for is written. */
  async written(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  async #replace({ model, revision, bytes }: LoggedEvent): Promise<void> {
    mkdirSync(this.#directory, { recursive: true });
    const file = join(this.#directory, fileOf(model));
    const unfinished = `${file}.${process.pid}.${performance.now()}`;
    const content: Written = { model, revision, event: Buffer.from(bytes).toString('base64') };
    try {
      const target = await open(unfinished, 'w');
      try {
        await target.writeFile(JSON.stringify(content));
        await target.sync();
      } finally {
        await target.close();
      }
      await rename(unfinished, file);
    } catch (thrown) {
      await rm(unfinished, { force: true });
      throw thrown;
    }
  }

  /** Only what is a minute old: another replica may be writing. */
  #removeUnfinished(): void {
    for (const file of this.#list()) {
      if (!/\.event\.json\.[\d.]+$/.test(file)) continue;
      const path = join(this.#directory, file);
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats !== undefined && Date.now() - stats.mtimeMs > unfinishedMs) rmSync(path, { force: true });
    }
  }

  #files(): string[] {
    return this.#list().filter((file) => file.endsWith(suffix));
  }

  #list(): string[] {
    try {
      return readdirSync(this.#directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#log.warn('last_known.unreadable', { error });
      return [];
    }
  }
}

interface Written {
  readonly model: string;
  readonly revision: number;
  /** Base64. */
  readonly event: string;
}

const suffix = '.event.json';
const unfinishedMs = 60_000;

/** A model's name may be longer than a file's, and differ from another in case alone. */
function fileOf(model: string): string {
  return `${createHash('sha256').update(model).digest('hex')}${suffix}`;
}
