// Lets one set-up at a time work in this folder: `npm start` beside `npm test` on a fresh clone would otherwise install
// and compile into each other's files.
//
// The lock is a file that holds the owner's process id; an owner that no longer lives does not count.

import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const abandonedMs = 5_000;

const isAlive = (pid) => {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** Resolves with the function that gives the lock back; `onWait(pid)` is told once when another set-up is at work. */
export async function takeSetUpLock(root, onWait) {
  const file = join(root, '.cache/set-up.lock');
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; ; ) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      const release = () => rmSync(file, { force: true });
      process.once('exit', release);
      return () => {
        process.off('exit', release);
        release();
      };
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = readOwner(file);
    if (owner !== undefined && !isAlive(owner)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told && owner !== undefined) {
      onWait(owner);
      told = true;
    }
    await delay(250);
  }
}

/** The process id in the lock file, 0 (nobody) when it was left empty long ago; undefined while it is being written or gone. */
function readOwner(file) {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    if (pid > 0) return pid;
    return Date.now() - statSync(file).mtimeMs > abandonedMs ? 0 : undefined;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
