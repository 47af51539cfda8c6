// Follows the embedded log's file for any number of followers: what is appended is noticed by the file system's own
// notification, and by a slow look where there is none.
import { type FSWatcher, watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { Follower, LoggedEvent } from '../event-log.ts';
import { tell } from '../tell.ts';
import { diskError } from './disk-error.ts';
import { LogReader, type NewRecords } from './log-reader.ts';
import type { Damage } from './record.ts';

const lookEveryMs = 1_000;

/** What of node:fs is used: a machine may be out of such watches. */
export type WatchFolder = (folder: string, options: { readonly persistent: false }, onChange: () => void) => FSWatcher;

export interface LogTailOptions {
  readonly folder: string;
  readonly path: string;
  /** Records that the disk has damaged were passed over: their events are lost, and older ones of their models hold. */
  readonly onDamage?: ((damage: Damage) => void) | undefined;
  readonly watchFolder?: WatchFolder;
}

export class LogTail {
  readonly #folder: string;
  readonly #onDamage: (damage: Damage) => void;
  readonly #reader: LogReader;
  readonly #watchFolder: WatchFolder;
  readonly #last = new Map<string, LoggedEvent>();
  /** With whether they have been told everything since the log was last lost. */
  readonly #followers = new Map<Follower, boolean>();
  #problem: string | undefined;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor({ folder, path, onDamage = () => {}, watchFolder = watch }: LogTailOptions) {
    this.#folder = folder;
    this.#onDamage = onDamage;
    this.#reader = new LogReader(path);
    this.#watchFolder = watchFolder;
  }

  follow(follower: Follower): () => void {
    if (this.#closed) {
      follower.onProblem('the event log is closed');
      return () => {};
    }
    // One object that follows twice is two followers.
    const own: Follower = {
      onEvent: (event) => follower.onEvent(event),
      onCaughtUp: () => follower.onCaughtUp(),
      onProblem: (problem) => follower.onProblem(problem),
    };
    this.#followers.set(own, false);
    this.#timer ??= setInterval(() => this.look(), lookEveryMs).unref();
    if (this.#problem !== undefined) own.onProblem(this.#problem);
    this.look();
    return () => void this.#followers.delete(own);
  }

  /** Something may have been appended. */
  look(): void {
    if (this.#timer === undefined) return;
    this.#again = true;
    this.#looking ??= this.#lookUntilQuiet();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#followers.clear();
    await this.#looking;
    this.#watcher?.close();
    await this.#reader.close();
  }

  async #lookUntilQuiet(): Promise<void> {
    while (this.#again && this.#timer !== undefined) {
      this.#again = false;
      try {
        await this.#watch();
        const news = await this.#reader.read();
        for (const damage of news.damaged) this.#onDamage(damage);
        this.#tellNews(news);
      } catch (error) {
        this.#lose(diskError(`cannot read the event log in ${this.#folder}`, error).message);
      }
    }
    this.#looking = undefined;
  }

  /** Before the first reading, so that nothing is appended between the two. */
  async #watch(): Promise<void> {
    if (this.#watcher !== undefined) return;
    await mkdir(this.#folder, { recursive: true });
    const watcher = this.#tryToWatch();
    if (watcher === undefined) return;
    const forget = () => {
      watcher.close();
      if (this.#watcher === watcher) this.#watcher = undefined;
    };
    watcher.on('error', forget);
    // The folder itself was moved or removed: another one may stand there at the next look.
    watcher.on('change', (event, file) => event === 'rename' && String(file) === nameOf(this.#folder) && forget());
    this.#watcher = watcher;
  }

  /** Undefined where there are no more watches, or none at all: then the slow look finds what there is. */
  #tryToWatch(): FSWatcher | undefined {
    try {
      return this.#watchFolder(this.#folder, { persistent: false }, () => this.look());
    } catch {
      return undefined;
    }
  }

  #tellNews({ events, fromStart }: NewRecords): void {
    if (fromStart && this.#isContradicted(events)) this.#beginAgain();
    const changed = events.filter((event) => this.#isNew(event));
    for (const event of changed) this.#last.set(event.model, event);
    const recovered = this.#problem !== undefined;
    this.#problem = undefined;
    for (const [follower, caughtUp] of [...this.#followers]) {
      if (recovered) this.#tell(follower, () => follower.onProblem(undefined));
      const all = caughtUp ? changed : [...this.#last.values()].sort((a, b) => a.revision - b.revision);
      for (const event of all) this.#tell(follower, () => follower.onEvent(event));
      if (caughtUp) continue;
      if (this.#followers.has(follower)) this.#followers.set(follower, true);
      this.#tell(follower, () => follower.onCaughtUp());
    }
  }

  /** By a file that was emptied or put back from a backup, or whose last append was taken back. */
  #isContradicted(events: readonly LoggedEvent[]): boolean {
    const found = new Map(events.map((event) => [event.model, event]));
    return [...this.#last.values()].some(({ model, revision, bytes }) => {
      const event = found.get(model);
      if (event === undefined || event.revision < revision) return true;
      return event.revision === revision && !Buffer.from(event.bytes).equals(bytes);
    });
  }

  /** Whoever heard what does not hold any more hears of a loss, and then all that there is. */
  #beginAgain(): void {
    this.#last.clear();
    for (const [follower, caughtUp] of [...this.#followers]) {
      if (!caughtUp) continue;
      if (this.#followers.has(follower)) this.#followers.set(follower, false);
      this.#tell(follower, () => follower.onProblem(`the event log in ${this.#folder} has begun again`));
      this.#tell(follower, () => follower.onProblem(undefined));
    }
  }

  #isNew({ model, revision }: LoggedEvent): boolean {
    return revision > (this.#last.get(model)?.revision ?? 0);
  }

  #lose(problem: string): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    const isNews = this.#problem !== problem;
    this.#problem = problem;
    for (const follower of [...this.#followers.keys()]) {
      this.#followers.set(follower, false);
      if (isNews) this.#tell(follower, () => follower.onProblem(problem));
    }
  }

  /** One that has been told may have unfollowed itself or another one. */
  #tell(follower: Follower, hear: () => void): void {
    if (this.#followers.has(follower)) tell(hear);
  }
}

const nameOf = (folder: string): string => folder.slice(folder.lastIndexOf('/') + 1);
