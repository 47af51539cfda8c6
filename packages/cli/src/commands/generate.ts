// weft generate: a text that goes on where the prompt ends, printed as it is written.
import type { Command } from 'commander';
import { readText } from '../input/read-texts.ts';
import { amount, share, wholeNumber } from '../parse-number.ts';
import { report, wantsJson } from '../report.ts';
import { addConnectionOptions, addModelOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';
import { usageError } from '../usage-error.ts';

interface Flags {
  readonly file?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly stop?: string[];
  readonly seed?: number;
}

export function addGenerate(program: Command, shell: Shell): void {
  const command = program
    .command('generate [prompt]')
    .summary('write a text that goes on where the prompt ends')
    .description('Prints a text that goes on where the prompt ends, as it is written. A prompt of - is that of stdin.')
    .option('--file <file>', 'file with the prompt')
    .option('--max-tokens <n>', 'tokens that the text has at most (default 256)', wholeNumber(1))
    .option(
      '--temperature <t>',
      'how much chance has a say: 0 not at all (default), 1 as the model has learned',
      amount,
    )
    .option('--top-p <p>', 'draw from the likeliest tokens that together have this share', share)
    .option('--stop <text...>', 'texts before which to stop')
    .option('--seed <n>', 'the same seed draws the same text', wholeNumber(0))
    .addHelpText('after', '\nExample:\n  weft generate "My fellow citizens" --max-tokens 60 --temperature 0.8');
  // The deadline is that of the whole text, however slowly it is written.
  addConnectionOptions(addModelOptions(command), '10m').action(async (argument: string | undefined, flags: Flags) => {
    const prompt = await readPrompt(shell, argument, flags.file);
    await withRouter(shell, command, async ({ client, options, progress }) => {
      const { maxTokens, temperature, topP, stop, seed } = flags;
      const answer = { model: '', modelVersion: '', text: '', finishReason: '', generatedTokens: 0 };
      const request = { prompt, maxTokens, temperature, topP, stop, seed };
      for await (const piece of client.nlp.generate(request, options)) {
        progress.done();
        if (!wantsJson(command)) shell.out(piece.text);
        Object.assign(answer, piece, { text: answer.text + piece.text });
      }
      if (!wantsJson(command)) shell.out('\n');
      report(shell, command, { json: answer, text: '' });
    });
  });
}

async function readPrompt(shell: Shell, argument: string | undefined, file: string | undefined): Promise<string> {
  if ((argument === undefined) === (file === undefined))
    throw usageError('give a prompt, - for stdin, or --file; one of them');
  const path = argument === undefined ? file : argument === '-' ? '-' : undefined;
  // The line's end is the file's, not the text's.
  return path === undefined ? (argument ?? '') : (await readText(shell, path)).replace(/\r?\n$/, '');
}
