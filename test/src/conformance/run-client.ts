// A client as a process: bounded in time, its output kept.
import { execFile } from 'node:child_process';

export interface ClientOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ClientCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Killed after that. */
  readonly timeoutMs: number;
  readonly cwd?: string;
  /** Kills it, too. */
  readonly signal?: AbortSignal;
}

/** Resolves however it ends; 124 for one that was killed because its time was over. Rejects where it cannot be started. */
export function runClient({ command, args, timeoutMs, cwd, signal }: ClientCommand): Promise<ClientOutput> {
  return new Promise((resolve, reject) => {
    const options = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1 << 24, cwd, signal } as const;
    execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (error.killed === true)
        resolve({ code: 124, stdout, stderr: `${stderr}\nkilled after ${timeoutMs / 1000} s` });
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
      else reject(error);
    });
  });
}

/** What it printed. Throws, with the end of that, where it ends with another code than 0. */
export async function output(command: ClientCommand): Promise<string> {
  const { code, stdout, stderr } = await runClient(command);
  if (code === 0) return `${stdout}\n${stderr}`;
  throw new Error(`exit code ${code}: ${`${stdout}\n${stderr}`.trim().slice(-1000)}`);
}
