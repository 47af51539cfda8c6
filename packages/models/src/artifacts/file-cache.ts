// Files by the digest of their content, fetched once and shared by the processes of a data directory: a file appears by an atomic
// rename and never changes. Whoever uses one holds a hard link to it, so a file with one link alone is used by nobody.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredFile } from '../event-log/artifact-depot.ts';
import type { Sources } from './create-sources.ts';
import { type Downloaded, download, type RetrySchedule, type WantedFile } from './download.ts';
import type { OwnFolder } from './own-folder.ts';
import { SharedCalls } from './shared-calls.ts';
import { failedWith, storeFailure } from './store-failure.ts';

export interface FileCacheOptions {
  readonly directory: string;
  readonly own: OwnFolder;
  readonly sources: Sources;
  readonly maxBytes: number;
  readonly retry: RetrySchedule;
  /** A folder of files by digest that need no second copy: the artifacts of the embedded event log. */
  readonly localArtifacts: string | undefined;
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  readonly onBytes: (writtenBytes: number) => void;
}

export interface RefetchOptions extends FetchOptions {
  readonly knownEdition?: string | undefined;
  readonly retry?: RetrySchedule;
}

export class FileCache {
  readonly #options: FileCacheOptions;
  readonly #fetches = new SharedCalls<void>();

  constructor(options: FileCacheOptions) {
    this.#options = options;
  }

  path(sha256: string): string {
    return join(this.#options.directory, sha256);
  }

  /** Bytes of the file with a digest; undefined when it is not here. */
  async sizeOf(sha256: string): Promise<number | undefined> {
    const stats = await stat(this.path(sha256)).catch(() => undefined);
    return stats?.isFile() === true ? stats.size : undefined;
  }

  /** Puts a file of known digest at `target`, fetching it where it has to. */
  async place(wanted: WantedFile & StoredFile, target: string, options: FetchOptions): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.#obtain(wanted, options);
      try {
        return await linkOrCopy(this.path(wanted.sha256), target);
      } catch (thrown) {
        // Another process may have removed it between the two, as nobody used it yet.
        if (attempt === maxAttempts || !failedWith(thrown, 'ENOENT')) throw storeFailure(thrown);
      }
    }
  }

  /** Fetches a file of which not all is known beforehand. Resolves to undefined when its source has the known edition. */
  async fetch(wanted: WantedFile, options: RefetchOptions): Promise<Downloaded | undefined> {
    const { own, sources, maxBytes, retry, directory } = this.#options;
    const path = own.unfinished();
    const source = sources.of(wanted.reference);
    const downloaded = await download(wanted, { retry, ...options, source, path, maxBytes });
    if (downloaded === undefined) return undefined;
    try {
      await mkdir(directory, { recursive: true });
      await rename(path, this.path(downloaded.sha256));
    } catch (thrown) {
      await rm(path, { force: true });
      throw storeFailure(thrown);
    }
    return downloaded;
  }

  /** Removes the files that nobody uses and that are not to be kept, by what `keep` says once each has been looked at. */
  async removeUnused(keep: () => ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#options.directory).catch(() => [])) {
      const file = this.path(name);
      const stats = await stat(file).catch(() => undefined);
      if (stats !== undefined && stats.nlink <= 1 && !keep().has(name)) await rm(file, { force: true });
    }
  }

  async #obtain(wanted: WantedFile & StoredFile, { signal, onBytes }: FetchOptions): Promise<void> {
    if ((await this.sizeOf(wanted.sha256)) === wanted.size) return onBytes(wanted.size);
    await this.#fetches.join(`${wanted.sha256} ${wanted.reference}`, signal, async (shared) => {
      // Whoever waits beside the first one hears only of the end.
      if (await this.#adopt(wanted)) return;
      await this.fetch(wanted, { signal: shared, onBytes });
    });
    onBytes(wanted.size);
  }

  /** Takes a file of the event log's own folder, if it is there and whole. */
  async #adopt({ reference, sha256, size }: WantedFile & StoredFile): Promise<boolean> {
    const { localArtifacts, maxBytes } = this.#options;
    const isOwn = reference === '' || reference.startsWith('nats:');
    if (localArtifacts === undefined || !isOwn || size > maxBytes) return false;
    const path = this.#options.own.unfinished();
    try {
      // First the link, then the look: what was looked at is what is kept.
      await link(join(localArtifacts, sha256), path);
      if ((await stat(path)).size !== size || (await digestOfFile(path)) !== sha256) return false;
      await mkdir(this.#options.directory, { recursive: true });
      await rename(path, this.path(sha256));
      return true;
    } catch {
      // It is read like any other, which says what is wrong with it.
      return false;
    } finally {
      await rm(path, { force: true });
    }
  }
}

const maxAttempts = 3;

async function linkOrCopy(file: string, target: string): Promise<void> {
  try {
    await link(file, target);
  } catch (thrown) {
    // File systems without links, and those with too few of them.
    if (!failedWith(thrown, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'ENOSYS')) throw thrown;
    await copyFile(file, target);
  }
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}
