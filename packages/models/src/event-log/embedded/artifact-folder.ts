// The embedded depot: a folder with one file for each digest. A file is written under another name, synced, and only then gets
// its own, so that it is there whole or not at all. What a process leaves behind that was killed meanwhile, the next one sweeps.
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { invalidArgument, WeftError } from '@weft/errors';
import type { ArtifactDepot, StoredFile } from '../artifact-depot.ts';
import { digestChecked } from '../digest-check.ts';
import { codeOf, diskError } from './disk-error.ts';
import { syncFolder, writeAll } from './durable.ts';
import { isRunning, thisProcess } from './running-process.ts';

export class ArtifactFolder implements ArtifactDepot {
  readonly #folder: string;
  #swept: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async has({ sha256, size }: StoredFile): Promise<boolean> {
    try {
      return (await stat(this.#path(sha256))).size === size;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw diskError(`cannot look into ${this.#folder}`, error);
    }
  }

  async put(file: StoredFile, content: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.#path(file.sha256);
    const { pid, started } = thisProcess();
    const draft = join(this.#folder, `${file.sha256}.${pid}.${started}.${randomUUID()}.part`);
    await this.#onDisk(async () => {
      await mkdir(this.#folder, { recursive: true });
    });
    this.#swept ??= this.#sweep();
    await this.#swept;
    try {
      await this.#write(draft, digestChecked(file, content));
      await this.#onDisk(async () => {
        await rename(draft, path);
        for (const folder of [this.#folder, dirname(this.#folder)]) await syncFolder(folder);
      });
    } finally {
      await rm(draft, { force: true });
    }
  }

  async *get({ sha256 }: StoredFile, fromByte: number): AsyncIterable<Uint8Array> {
    const stream = createReadStream(this.#path(sha256), { start: fromByte, highWaterMark: 256 * 1024 });
    try {
      yield* stream as AsyncIterable<Uint8Array>;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') throw new WeftError('NOT_FOUND', `no artifact with the digest ${sha256}`);
      throw diskError(`cannot read the artifact ${sha256}`, error);
    }
  }

  /** Never rejects: what is left over is in nobody's way, and it is tried again at the next file. */
  async #sweep(): Promise<void> {
    try {
      for (const name of await readdir(this.#folder)) {
        const [, pid, started] = /^[0-9a-f]{64}\.(\d+)\.(\d*)\..*\.part$/.exec(name) ?? [];
        if (pid === undefined || started === undefined || isRunning({ pid: Number(pid), started })) continue;
        await rm(join(this.#folder, name), { force: true });
      }
    } catch {
      this.#swept = undefined;
    }
  }

  async #write(draft: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const file = await this.#onDisk(() => open(draft, 'wx'));
    try {
      let written = 0;
      for await (const piece of pieces) {
        const position = written;
        await this.#onDisk(() => writeAll(file, piece, position));
        written += piece.length;
      }
      await this.#onDisk(() => file.sync());
    } finally {
      await file.close();
    }
  }

  /** What the disk says is translated; what the content throws reaches the caller as it is. */
  async #onDisk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw diskError(`cannot store an artifact in ${this.#folder}`, error);
    }
  }

  #path(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw invalidArgument(`'${sha256}' is no sha-256 digest`);
    return join(this.#folder, sha256);
  }
}
