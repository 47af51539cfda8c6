// The folder of one process below a directory that several share: what it is writing, and what it serves from. The folder's name
// says who owns it, so that others can remove what a killed process left, and nothing of one that runs.
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { failedWith } from './store-failure.ts';

/** Names of the folders that this process owns: another one with its process id is of an earlier process that had it. */
const ownNames = new Set<string>();

export class OwnFolder {
  readonly path: string;
  readonly #owners: string;
  readonly #name = `${hostname()}.${process.pid}.${randomBytes(6).toString('hex')}`;
  #counter = 0;

  /** `owners` is the directory of such folders. */
  constructor(owners: string) {
    this.#owners = owners;
    this.path = join(owners, this.#name);
    ownNames.add(this.#name);
    mkdirSync(join(this.path, 'partial'), { recursive: true });
  }

  /** A name for what is not finished, never used before. */
  unfinished(): string {
    return join(this.path, 'partial', String(++this.#counter));
  }

  /** Removes the folders of processes of this machine that are gone. */
  async removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.#owners)) {
      if (isAbandoned(name)) await rm(join(this.#owners, name), { recursive: true, force: true });
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    ownNames.delete(this.#name);
  }
}

function isAbandoned(name: string): boolean {
  const [, host, pid] = /^(.+)\.(\d+)\.[0-9a-f]{12}$/.exec(name) ?? [];
  // Of a process on another machine nothing is known.
  if (host !== hostname() || ownNames.has(name)) return false;
  return Number(pid) === process.pid || !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return !failedWith(thrown, 'ESRCH');
  }
}
