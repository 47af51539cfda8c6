// The folder of one process below a directory that several share: what it is writing, and what it serves from. The folder's name
// says who owns it, so that others can remove what a killed process left, and nothing of one that runs. Whether a process of
// another machine (or container) runs cannot be seen: each touches its folder every minute, and is taken for gone after a day of silence.
import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, utimesSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isRunning, thisProcess } from '../event-log/embedded/running-process.ts';
import { failedWith, storeFailure } from './store-failure.ts';

/** Names of the folders that this process owns. */
const ownNames = new Set<string>();

export class OwnFolder {
  readonly path: string;
  readonly #owners: string;
  readonly #name = nameOfOwner();
  readonly #beats: NodeJS.Timeout;
  #counter = 0;

  /** `owners` is the directory of such folders. */
  constructor(owners: string) {
    this.#owners = owners;
    this.path = join(owners, this.#name);
    ownNames.add(this.#name);
    mkdirSync(join(this.path, 'partial'), { recursive: true });
    this.#beats = setInterval(() => this.#touch(), beatMs);
    this.#beats.unref();
  }

  /** A name for what is not finished, never used before. */
  unfinished(): string {
    return join(this.path, 'partial', String(++this.#counter));
  }

  /** Removes a folder in here: out of sight first, before this returns, so that nobody sees half of it. */
  async discard(folder: string): Promise<void> {
    const removed = this.unfinished();
    try {
      renameSync(folder, removed);
    } catch (thrown) {
      if (!failedWith(thrown, 'ENOENT')) throw storeFailure(thrown);
    }
    await rm(removed, { recursive: true, force: true });
  }

  /** Removes the folders of processes that are gone. */
  async removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.#owners)) {
      const folder = join(this.#owners, name);
      if (await isAbandoned(name, folder)) await rm(folder, { recursive: true, force: true });
    }
  }

  async remove(): Promise<void> {
    clearInterval(this.#beats);
    await rm(this.path, { recursive: true, force: true });
    ownNames.delete(this.#name);
  }

  #touch(): void {
    const now = new Date();
    try {
      // Whoever was silent for a day finds it gone.
      mkdirSync(join(this.path, 'partial'), { recursive: true });
      utimesSync(this.path, now, now);
    } catch {
      // A disk that fails is told by whatever is written to it.
    }
  }
}

const beatMs = 60_000;
const silentMs = 24 * 3_600_000;

/** `<host>.<pid>.<started>.<random>`: see RunningProcess. */
function nameOfOwner(): string {
  const { pid, started } = thisProcess();
  return `${hostname()}.${pid}.${started}.${randomBytes(6).toString('hex')}`;
}

async function isAbandoned(name: string, folder: string): Promise<boolean> {
  if (ownNames.has(name)) return false;
  const [, host, pid, started] = /^(.+)\.(\d+)\.(\d*)\.[0-9a-f]{12}$/.exec(name) ?? [];
  if (host === hostname() && pid !== undefined && started !== undefined) {
    const owner = { pid: Number(pid), started };
    // This process owns nothing but what it knows of: another one had its id.
    return owner.pid === process.pid || !isRunning(owner);
  }
  const stats = await stat(folder).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > silentMs;
}
