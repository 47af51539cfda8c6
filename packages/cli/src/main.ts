// The command line's only door: runs one command and tells its exit code. 0 is success, 2 wrong usage, 1 any other
// failure, which writes one line to stderr.
import { CommanderError } from 'commander';
import { createProgram } from './program.ts';
import { processShell, type Shell } from './shell.ts';
import { usageExitCode } from './usage-error.ts';

/** Runs the command that `argv` (without node and script) names. Resolves with the exit code and never rejects. */
export async function main(argv: readonly string[], shell: Shell = processShell()): Promise<number> {
  try {
    // Without a command there is nothing to do but to say what there is.
    const args = argv.length === 0 ? ['help'] : [...argv];
    await createProgram(shell, args).parseAsync(args, { from: 'user' });
    return 0;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    shell.err(`weft: ${oneLine(describe(thrown))}\n`);
    return thrown instanceof CommanderError ? usageExitCode : 1;
  }
}

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown instanceof CommanderError) return describeUsage(thrown);
  const { message } = thrown;
  if (message.startsWith('cannot reach the router'))
    return `${message} (start one with \`npm start\`, or name it with --router)`;
  // Under this id the server's log tells more.
  const requestId =
    'requestId' in thrown && typeof thrown.requestId === 'string' ? ` (request ${thrown.requestId})` : '';
  return `${message || thrown.name}${requestId}`;
}

function describeUsage({ code, message }: CommanderError): string {
  // Commander's word for options without a command.
  if (code === 'commander.help') return 'name a command: see weft help';
  return message.replace(/^error: /, '');
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}
