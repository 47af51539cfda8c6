// A service or the router as a process of its own, as it is deployed: its log is read line by line, and it can be killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LogLine } from './local-mesh.ts';

export interface StartedProcess {
  readonly pid: number;
  readonly lines: readonly LogLine[];
  /** What stderr said that is no line of the log. */
  readonly text: readonly string[];
  /** The first line of this event with these fields, or the nth; rejects when the process ends without it. */
  logged(event: string, fields?: LogLine, nth?: number): Promise<LogLine>;
  /** The first line for which this holds, which is asked of each once, in order; rejects when the process ends without it. */
  found(holds: (line: LogLine) => boolean): Promise<LogLine>;
  kill(signal: NodeJS.Signals): void;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

export interface ProcessPlace {
  readonly env?: Readonly<Record<string, string>>;
  /** A command that becomes the one that is appended to it, as `nice` does. */
  readonly under?: readonly string[];
}

/** Runs `services/<name>/dist/main.js`. Wait for `logged('service.listening')` or the like. */
export function startProcess(name: string, args: readonly string[], place?: ProcessPlace): StartedProcess {
  return startEntry(new URL(`../../../services/${name}/dist/main.js`, import.meta.url), args, place);
}

/** Runs a module as a process that logs as a service does. */
export function startEntry(
  entry: URL,
  args: readonly string[],
  { env = {}, under = [] }: ProcessPlace = {},
): StartedProcess {
  const file = fileURLToPath(entry);
  const [command = '', ...more] = [...under, process.execPath, file, ...args];
  const child = spawn(command, more, { stdio: ['ignore', 'ignore', 'pipe'], env });
  const lines: LogLine[] = [];
  const text: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stderr as NonNullable<ChildProcess['stderr']> }).on('line', (line) => {
    const entry = parseLine(line);
    if (entry === undefined) text.push(line);
    else lines.push(entry);
    for (const wake of waiting) wake();
  });
  let over = false;
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => {
      over = true;
      for (const wake of waiting) wake();
      resolve(signal ?? code);
    });
  });
  const find = async (what: string, holds: (line: LogLine) => boolean): Promise<LogLine> => {
    for (let at = 0; ; ) {
      for (; at < lines.length; at += 1) {
        const line = lines[at] as LogLine;
        if (holds(line)) return line;
      }
      if (over) throw new Error(`${file} ended without ${what}: ${text.join('\n')}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          waiting.delete(wake);
          resolve();
        };
        waiting.add(wake);
      });
    }
  };
  return {
    pid: child.pid ?? 0,
    lines,
    text,
    logged(event, fields = {}, nth = 1) {
      const wanted = Object.entries({ ...fields, event });
      let matching = 0;
      return find(event, (line) => wanted.every(([key, value]) => line[key] === value) && ++matching === nth);
    },
    found: (holds) => find('the line that was waited for', holds),
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

function parseLine(line: string): LogLine | undefined {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
}

/** Ends a process that a test has started, however it stands with it. */
export async function endProcess(started: StartedProcess): Promise<void> {
  started.kill('SIGKILL');
  await started.ended;
}
