// weft draw: images out of nothing, each written as it comes.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { GeneratedImage, WeftClient } from '@weft/client';
import type { Command } from 'commander';
import { writeLocalFile } from '../input/read-local-file.ts';
import { amount, wholeNumber } from '../parse-number.ts';
import { report } from '../report.ts';
import { addConnectionOptions, addModelOptions, type Asking, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';
import { usageError } from '../usage-error.ts';

interface Flags {
  readonly output: string;
  readonly count?: number;
  readonly seed?: number;
  readonly to?: number;
  readonly truncation?: number;
}

const examples = `
Examples:
  weft draw 7 --count 20 -o sevens
  weft draw 7 --seed 1 --to 2 --count 10 -o walk`;

export function addDraw(program: Command, shell: Shell): void {
  const command = program
    .command('draw [label]')
    .summary('make new images')
    .description('Makes new images of what the label says, or of anything, and writes them into a folder as PNG files.')
    .requiredOption('-o, --output <folder>', 'folder to write 0000.png and so on into; it is made where there is none')
    .option('--count <n>', 'how many images (default 1, on a walk 10)', wholeNumber(1))
    .option('--seed <n>', 'the same seed makes the same image; further images have the next seeds', wholeNumber(0))
    .option('--to <n>', 'walk from --seed to this one', wholeNumber(0))
    .option('--truncation <t>', 'cut the noise off at so many deviations: less makes more typical images', amount)
    .addHelpText('after', examples);
  addConnectionOptions(addModelOptions(command), '10m').action(async (label: string | undefined, flags: Flags) => {
    if (flags.to !== undefined && flags.seed === undefined) throw usageError('--to needs a --seed to walk from');
    if (flags.to !== undefined && flags.truncation !== undefined) throw usageError('a walk takes no --truncation');
    await mkdir(flags.output, { recursive: true }).catch((cause: Error) => {
      throw usageError(`${flags.output}: cannot be made a folder: ${cause.message}`);
    });
    const written = await withRouter(shell, command, (asking) => writeImages(asking, label, flags));
    const [first] = written;
    const lines = written.map(({ file, label: shown, seed }) =>
      [file, shown, ...(seed === 0 && flags.to !== undefined ? [] : [`seed ${seed}`])].filter(Boolean).join('  '),
    );
    report(shell, command, {
      json: { model: first?.model, modelVersion: first?.modelVersion, images: written.map(shownOf) },
      text: lines.join('\n'),
    });
  });
}

type Written = Omit<GeneratedImage<Buffer>, 'image'> & { readonly file: string };

async function writeImages(
  { client, options, progress }: Asking,
  label: string | undefined,
  flags: Flags,
): Promise<Written[]> {
  const written: Written[] = [];
  for await (const { image, ...rest } of imagesOf(client, { label, flags, options })) {
    const file = join(flags.output, `${String(rest.index).padStart(4, '0')}.png`);
    await writeLocalFile(file, image);
    written.push({ ...rest, file });
    progress.update(`${Math.floor(rest.progress * 100)} % of the images`);
  }
  return written;
}

function imagesOf(
  { generator }: WeftClient,
  asked: { readonly label: string | undefined; readonly flags: Flags; readonly options: Asking['options'] },
): AsyncIterable<GeneratedImage<Buffer>> {
  const { label, flags, options } = asked;
  const { count, seed, to, truncation } = flags;
  if (to === undefined) return generator.generate({ label, count, seed, truncation }, options);
  return generator.interpolate({ label, seedFrom: seed ?? 0, seedTo: to, steps: count }, options);
}

function shownOf({ file, label, seed }: Written): object {
  return { file, label, seed };
}
