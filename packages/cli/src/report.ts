// A command's result: text for people, or with --json one JSON document and nothing else.
import type { Command } from 'commander';
import type { Shell } from './shell.ts';

export interface Result {
  /** Without its last newline; empty writes nothing. */
  readonly text: string;
  readonly json: unknown;
}

export function report(shell: Shell, command: Command, { text, json }: Result): void {
  if (wantsJson(command)) shell.out(`${JSON.stringify(json)}\n`);
  else if (text !== '') shell.out(`${text}\n`);
}

export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals()['json'] === true;
}
