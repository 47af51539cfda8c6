// weft upscale: a larger image with plausible detail.
import { extname } from 'node:path';
import type { ImageFormat } from '@weft/client';
import type { Command } from 'commander';
import { formatSize } from '../format/format-number.ts';
import { readImage } from '../input/read-image.ts';
import { writeLocalFile } from '../input/read-local-file.ts';
import { report } from '../report.ts';
import { addConnectionOptions, addModelOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';
import { usageError } from '../usage-error.ts';

const formats: Readonly<Record<string, Exclude<ImageFormat, 'raw'>>> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.webp': 'webp',
};

export function addUpscale(program: Command, shell: Shell): void {
  const command = program
    .command('upscale <in> <out>')
    .summary('enlarge an image with plausible detail')
    .description(
      'Enlarges an image file (- for stdin). The ending of the result chooses its format: .png, .jpg or .webp.',
    )
    .addHelpText('after', '\nExample:\n  weft upscale small.png large.png --model esrgan-x2');
  addConnectionOptions(addModelOptions(command), '10m').action(async (input: string, output: string) => {
    const format = formatOf(output);
    const image = await readImage(shell, input);
    const response = await withRouter(shell, command, ({ client, options }) =>
      client.generator.upscale({ image, format }, options),
    );
    await writeLocalFile(output, response.image);
    const { model, modelVersion, scale } = response;
    const size = response.image.length;
    report(shell, command, {
      json: { model, modelVersion, scale, file: output, format, bytes: size },
      text: `${output}: ×${scale} by ${model}, ${formatSize(size)}`,
    });
  });
}

function formatOf(path: string): Exclude<ImageFormat, 'raw'> {
  const format = formats[extname(path).toLowerCase()];
  if (format === undefined) throw usageError(`${path}: the result must end in ${Object.keys(formats).join(', ')}`);
  return format;
}
