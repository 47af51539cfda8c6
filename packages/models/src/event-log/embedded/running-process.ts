// Which process is meant, also after its id has been given to another one: the id with the time of its start, in the kernel's
// ticks since boot. Where there is no /proc the id alone must do.
import { readFileSync } from 'node:fs';
import { codeOf } from './disk-error.ts';

export interface RunningProcess {
  readonly pid: number;
  /** Empty where it cannot be told. */
  readonly started: string;
}

export function thisProcess(): RunningProcess {
  return { pid: process.pid, started: statusOf(process.pid)?.started ?? '' };
}

export function isRunning({ pid, started }: RunningProcess): boolean {
  if (!isKnown(pid)) return false;
  const status = statusOf(pid);
  if (status === undefined) return true;
  return !['Z', 'X'].includes(status.state) && (started === '' || started === status.started);
}

function isKnown(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function statusOf(pid: number): { readonly state: string; readonly started: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before may hold anything, brackets and blanks included.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', started: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}
