// weft embed: texts into vectors.
import type { Command } from 'commander';
import { shorten } from '../format/format-number.ts';
import { readTexts } from '../input/read-texts.ts';
import { report } from '../report.ts';
import { addConnectionOptions, addModelOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';

const shownValues = 4;

export function addEmbed(program: Command, shell: Shell): void {
  const command = program
    .command('embed [text...]')
    .summary('turn texts into vectors')
    .description('Turns texts into vectors of unit length. Prints the first values; --json prints all of them.')
    .option('--file <file>', 'file with one text in each line')
    .addHelpText('after', '\nExamples:\n  weft embed "a cat" "a kitten"\n  weft embed - --json < texts.txt');
  addConnectionOptions(addModelOptions(command)).action(async (args: string[], flags: { file?: string }) => {
    const texts = await readTexts(shell, { args, file: flags.file, name: 'text' });
    const response = await withRouter(shell, command, ({ client, options }) => client.nlp.embed({ texts }, options));
    const { model, modelVersion } = response;
    const embeddings = response.embeddings.map(({ values }, index) => ({ text: texts[index] ?? '', values }));
    report(shell, command, {
      json: { model, modelVersion, embeddings },
      text: embeddings.map(({ text, values }) => `${formatVector(values)}  ${shorten(text, 60)}`).join('\n'),
    });
  });
}

function formatVector(values: readonly number[]): string {
  const first = values.slice(0, shownValues).map((value) => value.toFixed(4).padStart(7));
  return `[${first.join(' ')}${values.length > shownValues ? ' …' : ''}] ${values.length} values`;
}
