// weft rank: documents by their similarity to a query.
import type { Command } from 'commander';
import { formatScore, shorten } from '../format/format-number.ts';
import { formatTable } from '../format/format-table.ts';
import { readTexts } from '../input/read-texts.ts';
import { wholeNumber } from '../parse-number.ts';
import { report } from '../report.ts';
import { addConnectionOptions, addModelOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';

export function addRank(program: Command, shell: Shell): void {
  const command = program
    .command('rank <query> [document...]')
    .summary('order documents by their similarity to a query')
    .description(
      'Orders documents by their similarity to a query, the most similar first. A document of - stands for the lines of stdin.',
    )
    .option('--file <file>', 'file with one document in each line')
    .option('--top <n>', 'only the n most similar', wholeNumber(1))
    .addHelpText('after', '\nExample:\n  weft rank "pets" "tax law" "cats and dogs" "a stormy night"');
  addConnectionOptions(addModelOptions(command)).action(
    async (query: string, args: string[], flags: { file?: string; top?: number }) => {
      const documents = await readTexts(shell, { args, file: flags.file, name: 'document' });
      const { model, modelVersion, results } = await withRouter(shell, command, ({ client, options }) =>
        client.nlp.rank({ query, documents, topK: flags.top }, options),
      );
      const ranked = results.map(({ index, score }) => ({ index, score, document: documents[index] ?? '' }));
      report(shell, command, {
        json: { model, modelVersion, results: ranked },
        text: formatTable(
          [{ title: 'RANK', align: 'right' }, { title: 'SCORE', align: 'right' }, { title: 'DOCUMENT' }],
          ranked.map(({ score, document }, place) => [String(place + 1), formatScore(score), shorten(document, 100)]),
        ),
      });
    },
  );
}
