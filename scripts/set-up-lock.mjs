// Lets one set-up at a time work in this folder: `npm start` beside `npm test` on a fresh clone would otherwise install
// and compile into each other's files.
//
// The lock is a file that holds its owner's process id and is touched while the owner works. A dead owner does not
// count, nor one that stopped touching it: in another container the same process id may be somebody else's.

import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const touchMs = 1_000;
const abandonedMs = 15_000;
const retryMs = 250;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** `{pid, abandoned}` of the lock's owner; undefined when the lock is gone. */
function readOwner(file) {
  try {
    const untouchedMs = Date.now() - statSync(file).mtimeMs;
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    // For a moment after its creation the file holds no number yet.
    const dead = Number.isInteger(pid) && !isAlive(pid);
    return { pid, abandoned: dead || untouchedMs > abandonedMs };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function keepLock(file) {
  const touch = setInterval(() => {
    if (existsSync(file)) utimesSync(file, new Date(), new Date());
  }, touchMs);
  const release = () => {
    clearInterval(touch);
    process.off('exit', release);
    rmSync(file, { force: true });
  };
  process.once('exit', release);
  return release;
}

/** Resolves with the function that gives the lock back; `onWait(pid)` is told once when another set-up is at work. */
export async function takeSetUpLock(root, onWait) {
  const file = join(root, '.cache/set-up.lock');
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; ; await delay(retryMs)) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return keepLock(file);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = readOwner(file);
    if (owner?.abandoned) rmSync(file, { force: true });
    else if (owner && !told) {
      told = true;
      onWait(owner.pid);
    }
  }
}
