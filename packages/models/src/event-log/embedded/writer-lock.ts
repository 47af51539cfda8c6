// Lets one process write. Node has no file locks, so the owner is whoever made the file writer.N.lock with the highest N, which
// holds its process and a token; one whose process is gone is followed by N+1. Files are made by linking a finished one, so
// they are whole and made once, and a lock is never removed to make place: two that want to take over cannot both do so.
// A draft that a killed process left behind is swept by the next owner.
import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WeftError } from '@weft/errors';
import { codeOf } from './disk-error.ts';
import { isRunning, type RunningProcess, thisProcess } from './running-process.ts';

interface Owner extends RunningProcess {
  readonly token: string;
}

export class WriterLock {
  readonly #file: string;
  readonly #token: string;

  private constructor(file: string, token: string) {
    this.#file = file;
    this.#token = token;
  }

  /**
   * `token` is the writer's own: its lock may come back with a folder that was away. Rejects with FAILED_PRECONDITION that names
   * folder and process while another one writes.
   */
  static async take(folder: string, token: string): Promise<WriterLock> {
    const self = thisProcess();
    const draft = join(folder, `writer.${self.pid}.${self.started}.${randomUUID()}.tmp`);
    await writeFile(draft, JSON.stringify({ ...self, token }));
    try {
      for (;;) {
        const number = await nextNumber(folder, token);
        if (!(await linked(draft, lockFile(folder, number)))) continue;
        // A higher one appears only where this number was free because its owner had been followed.
        if ((await numbersIn(folder)).some((other) => other > number)) {
          await rm(lockFile(folder, number), { force: true });
          continue;
        }
        for (const old of await numbersIn(folder)) if (old < number) await rm(lockFile(folder, old), { force: true });
        await sweepDrafts(folder);
        return new WriterLock(lockFile(folder, number), token);
      }
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** False once somebody has moved the folder away or cleared it. */
  async isHeld(): Promise<boolean> {
    return (await ownerIn(this.#file))?.token === this.#token;
  }

  async release(): Promise<void> {
    if (await this.isHeld()) await rm(this.#file, { force: true });
  }
}

const lockFile = (folder: string, number: number): string => join(folder, `writer.${number}.lock`);

/** The number that follows a lock whose owner is gone, or ourselves. */
async function nextNumber(folder: string, token: string): Promise<number> {
  const highest = Math.max(0, ...(await numbersIn(folder)));
  const owner = highest === 0 ? undefined : await ownerIn(lockFile(folder, highest));
  if (owner !== undefined && owner.token !== token && isRunning(owner))
    throw new WeftError(
      'FAILED_PRECONDITION',
      `the event log in ${folder} has a writer already: process ${owner.pid}. One process writes; several routers need NATS`,
    );
  return highest + 1;
}

async function numbersIn(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => /^writer\.(\d{1,15})\.lock$/.exec(name)?.[1] ?? []).map(Number);
}

async function sweepDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, pid, started] = /^writer\.(\d+)\.(\d*)\.[0-9a-f-]+\.tmp$/.exec(name) ?? [];
    if (pid === undefined || started === undefined || isRunning({ pid: Number(pid), started })) continue;
    await rm(join(folder, name), { force: true });
  }
}

async function ownerIn(file: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Owner;
  } catch (error) {
    // It was released meanwhile, or a power cut has emptied it.
    if (error instanceof SyntaxError || ['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

async function linked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}
