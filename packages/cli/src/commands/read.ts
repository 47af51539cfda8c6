// weft read: the text in an image.
import type { Command } from 'commander';
import { readImage } from '../input/read-image.ts';
import { report } from '../report.ts';
import { addConnectionOptions, addModelOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';

export function addRead(program: Command, shell: Shell): void {
  const command = program
    .command('read <image>')
    .summary('read the text in an image')
    .description('Reads the text in an image file (- for stdin), line by line. --json adds scores and polygons.')
    .addHelpText('after', '\nExample:\n  weft read invoice.png');
  addConnectionOptions(addModelOptions(command)).action(async (path: string) => {
    const image = await readImage(shell, path);
    const response = await withRouter(shell, command, ({ client, options }) =>
      client.vision.readText({ image }, options),
    );
    report(shell, command, { json: response, text: response.lines.map((line) => line.text).join('\n') });
  });
}
