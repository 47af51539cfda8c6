// weft upscale: a larger image with plausible detail. It comes in tiles, whatever its size, so that a person sees how far it is.
import type { Command } from 'commander';
import { formatSize } from '../format/format-number.ts';
import { formatOfEnding } from '../input/image-ending.ts';
import { readImage } from '../input/read-image.ts';
import { writeLocalFile } from '../input/read-local-file.ts';
import { report } from '../report.ts';
import { addConnectionOptions, addModelOptions, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';

export function addUpscale(program: Command, shell: Shell): void {
  const command = program
    .command('upscale <in> <out>')
    .summary('enlarge an image with plausible detail')
    .description(
      'Enlarges an image file (- for stdin). The ending of the result chooses its format: .png, .jpg or .webp.',
    )
    .addHelpText('after', '\nExample:\n  weft upscale small.png large.png --model esrgan-x2');
  addConnectionOptions(addModelOptions(command), '1h').action(async (input: string, output: string) => {
    const format = formatOfEnding(output);
    const image = await readImage(shell, input);
    const { joinTiles } = await import('../join-tiles.ts');
    const joined = await withRouter(shell, command, ({ client, options, progress }) =>
      joinTiles(client.generator.upscaleStream({ image, format: 'raw' }, options), {
        format,
        onProgress: (share) => progress.update(`${Math.floor(share * 100)} % of ${output}`),
      }),
    );
    await writeLocalFile(output, joined.image);
    const { model, modelVersion, scale, width, height } = joined;
    const bytes = joined.image.length;
    report(shell, command, {
      json: { model, modelVersion, scale, width, height, file: output, format, bytes },
      text: `${output}: ×${scale} by ${model}, ${width}×${height}, ${formatSize(bytes)}`,
    });
  });
}
