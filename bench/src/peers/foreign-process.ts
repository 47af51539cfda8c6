// A server that is not ours: a command with processes of its own, ended by closing its standard input and, where that is not
// enough, by the id of each process that it has started.
import { execFile, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface ForeignProcess {
  /** Why it ended by itself, with the last lines of its log; undefined while it runs. */
  readonly ended: () => string | undefined;
  readonly stop: () => Promise<void>;
}

export interface ForeignCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Beside the bench's own. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

const run = promisify(execFile);
const goodEndMs = 15_000;
const lastLines = 5;

export async function startForeign({ command, args, cwd, env, logFile }: ForeignCommand): Promise<ForeignProcess> {
  const log = await open(logFile, 'w');
  const child = spawn(command, [...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', log.fd, log.fd],
  });
  child.stdin?.on('error', () => {});
  let reason: string | undefined;
  const exit = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      reason = error.message;
      resolve();
    });
    child.once('exit', (code, signal) => {
      reason = `it ended with ${signal ?? `code ${code}`}`;
      void readFile(logFile, 'utf8').then((text) => {
        reason += `: ${text.trim().split('\n').slice(-lastLines).join(' | ')}`;
        resolve();
      });
    });
  });
  await log.close();
  return {
    ended: () => reason,
    async stop() {
      // Before it ends: afterwards nobody knows any more whose children its children were.
      const started = child.pid === undefined ? [] : below(child.pid, await running());
      child.stdin?.end();
      await Promise.race([exit, new Promise((resolve) => void setTimeout(resolve, goodEndMs).unref())]);
      if (reason === undefined && child.pid !== undefined) kill(child.pid);
      await exit;
      const still = new Map((await running()).map(({ pid, since }) => [pid, since]));
      // An id may belong to another process by now.
      for (const { pid, since } of started) if (still.get(pid) === since) kill(pid);
    },
  };
}

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  /** When it started. */
  readonly since: string;
}

async function running(): Promise<RunningProcess[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,lstart=']);
  return Array.from(stdout.matchAll(/^\s*(\d+)\s+(\d+)\s+(.*)$/gmu), ([, pid, parent, since = '']) => ({
    pid: Number(pid),
    parent: Number(parent),
    since,
  }));
}

/** All that this one has started, and that they have. */
function below(parent: number, all: readonly RunningProcess[]): RunningProcess[] {
  return all.filter((each) => each.parent === parent).flatMap((child) => [child, ...below(child.pid, all)]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself, as it should.
  }
}
