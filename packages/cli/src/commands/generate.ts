// weft generate: a text that goes on where the prompt ends, or an answer to it, printed as it is written.
import type { ChatMessage } from '@weft/client';
import type { Command } from 'commander';
import { readText } from '../input/read-texts.ts';
import { amount, share, wholeNumber } from '../parse-number.ts';
import { report, wantsJson } from '../report.ts';
import { addConnectionOptions, addModelOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';
import { usageError } from '../usage-error.ts';

interface Flags {
  readonly file?: string;
  readonly chat?: boolean;
  readonly system?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly stop?: string[];
  readonly seed?: number;
}

export function addGenerate(program: Command, shell: Shell): void {
  const command = program
    .command('generate [prompt]')
    .summary('write a text that goes on where the prompt ends, or answers it')
    .description(
      'Prints a text that goes on where the prompt ends, as it is written; with --chat one that answers it, from a model that was ' +
        'trained to talk. A prompt of - is that of stdin.',
    )
    .option('--file <file>', 'file with the prompt')
    .option('--chat', "send the prompt as a user's message, in the form of the model's chat template")
    .option('--system <text>', 'what the model is told before that message; implies --chat')
    .option('--max-tokens <n>', 'tokens that the text has at most (default 256)', wholeNumber(1))
    .option(
      '--temperature <t>',
      'how much chance has a say: 0 not at all (default), 1 as the model has learned',
      amount,
    )
    .option('--top-p <p>', 'draw from the likeliest tokens that together have this share', share)
    .option('--stop <text...>', 'texts before which to stop')
    .option('--seed <n>', 'the same seed draws the same text', wholeNumber(0))
    .addHelpText(
      'after',
      '\nExamples:\n  weft generate "My fellow citizens" --max-tokens 60 --temperature 0.8' +
        '\n  weft generate "What is a weft?" --chat --system "Answer in one sentence." --model smollm2',
    );
  // The deadline is that of the whole text, however slowly it is written.
  addConnectionOptions(addModelOptions(command), '10m').action(async (argument: string | undefined, flags: Flags) => {
    const prompt = await readPrompt(shell, argument, flags.file);
    await withRouter(shell, command, async ({ client, options, progress }) => {
      const { maxTokens, temperature, topP, stop, seed } = flags;
      const answer = { model: '', modelVersion: '', text: '', finishReason: '', generatedTokens: 0 };
      const request = { ...askedOf(prompt, flags), maxTokens, temperature, topP, stop, seed };
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

function askedOf(prompt: string, { chat = false, system }: Flags): { prompt: string } | { messages: ChatMessage[] } {
  if (!chat && system === undefined) return { prompt };
  const before = system === undefined ? [] : [{ role: 'system', content: system }];
  return { messages: [...before, { role: 'user', content: prompt }] };
}

async function readPrompt(shell: Shell, argument: string | undefined, file: string | undefined): Promise<string> {
  if ((argument === undefined) === (file === undefined))
    throw usageError('give a prompt, - for stdin, or --file; one of them');
  const path = argument === undefined ? file : argument === '-' ? '-' : undefined;
  // The line's end is the file's, not the text's.
  return path === undefined ? (argument ?? '') : (await readText(shell, path)).replace(/\r?\n$/, '');
}
