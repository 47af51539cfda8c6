// weft summarize: the sentences that stand for a text.
import type { Command } from 'commander';
import { readText } from '../input/read-texts.ts';
import { wholeNumber } from '../parse-number.ts';
import { report } from '../report.ts';
import { addConnectionOptions, addModelOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';

export function addSummarize(program: Command, shell: Shell): void {
  const command = program
    .command('summarize <file>')
    .summary('pick the sentences that stand for a text')
    .description('Picks the sentences of a text file (- for stdin) that are nearest to its centre, in their order.')
    .option('--sentences <n>', 'how many sentences (default 3)', wholeNumber(1))
    .addHelpText('after', '\nExample:\n  weft summarize article.txt --sentences 2');
  addConnectionOptions(addModelOptions(command)).action(async (file: string, flags: { sentences?: number }) => {
    const text = await readText(shell, file);
    const response = await withRouter(shell, command, ({ client, options }) =>
      client.nlp.summarize({ text, maxSentences: flags.sentences }, options),
    );
    report(shell, command, { json: response, text: response.summary });
  });
}
