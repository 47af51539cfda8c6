// One command of an installation: bounded in time, its failure told in a line.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ForeignMissing } from './foreign-missing.ts';

const run = promisify(execFile);
const installTimeoutMs = 15 * 60_000;

export interface InstallStep {
  /** As people read it when it fails. */
  readonly what: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** A quarter of an hour, if absent. */
  readonly timeoutMs?: number;
}

/** What the command printed. Throws ForeignMissing with the last lines of its errors. */
export async function installStep({ what, command, args, cwd, timeoutMs }: InstallStep): Promise<string> {
  try {
    const { stdout } = await run(command, [...args], {
      timeout: timeoutMs ?? installTimeoutMs,
      maxBuffer: 1 << 24,
      cwd,
    });
    return stdout;
  } catch (thrown) {
    const { message, stderr = '' } = thrown as Error & { stderr?: string };
    const last = (stderr.trim() || message).split('\n').slice(-3).join(' ');
    throw new ForeignMissing(`${what} failed: ${last}`, { cause: thrown });
  }
}
