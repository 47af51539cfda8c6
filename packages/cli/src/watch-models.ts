// weft models --watch: repaints a terminal at each change, and otherwise prints a line for each thing that has changed.
import type { WeftError } from '@weft/client';
import { cutLines, formatModels, goneJson, goneText, jsonFacts, textFacts } from './format/format-models.ts';
import { changedLines, type Facts, readyModels } from './model-states.ts';
import type { Asking } from './router-client.ts';
import type { Shell } from './shell.ts';

export interface WatchForm {
  readonly json: boolean;
  readonly readyOnly: boolean;
  readonly signal: AbortSignal;
}

const clearScreen = '\u001b[H\u001b[2J';

/** Ends when the signal aborts. */
export async function watchModels(shell: Shell, { client, router, progress }: Asking, form: WatchForm): Promise<void> {
  const { json, readyOnly, signal } = form;
  const paints = shell.outIsTerminal && !json;
  let facts: Facts = new Map();
  let shown = '';
  let lost = false;
  const onLost = ({ message }: WeftError) => {
    // Told once, however often it is tried.
    if (!lost && paints) paint(shell, `${shown}\n\nlost the router: ${message}; trying again`);
    else if (!lost) shell.err(`weft: lost the router: ${message}; trying again\n`);
    lost = true;
  };
  for await (const all of client.admin.watchModels({ signal, onLost })) {
    const snapshot = readyOnly ? readyModels(all) : all;
    progress.done();
    lost = false;
    if (paints) {
      shown = `${router}, until Ctrl-C\n\n${formatModels(snapshot)}`;
      paint(shell, shown);
      continue;
    }
    const now = json ? jsonFacts(snapshot) : textFacts(snapshot);
    for (const line of changedLines(facts, now, json ? goneJson : goneText)) shell.out(`${line}\n`);
    facts = now;
  }
}

function paint(shell: Shell, text: string): void {
  // The last line stays free for the cursor.
  shell.out(`${clearScreen}${cutLines(text, shell.outRows() - 1)}\n`);
}
