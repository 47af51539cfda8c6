// weft classify: labels for an image or a text. The input says which: a file that is an image goes to vision, the content
// of any other file, or the argument itself, goes to nlp.
import { existsSync } from 'node:fs';
import { WeftError } from '@weft/errors';
import type { Command } from 'commander';
import { formatScore, shorten } from '../format/format-number.ts';
import { formatTable } from '../format/format-table.ts';
import { isImage } from '../input/read-image.ts';
import { readLocalFile } from '../input/read-local-file.ts';
import { toText } from '../input/read-texts.ts';
import { wholeNumber } from '../parse-number.ts';
import { report } from '../report.ts';
import { addConnectionOptions, addModelOptions, type Asking, withRouter } from '../router-client.ts';
import type { Shell } from '../shell.ts';

type Subject = { readonly kind: 'image'; readonly image: Buffer } | { readonly kind: 'text'; readonly text: string };

interface Labelled {
  readonly input: string;
  readonly kind: Subject['kind'];
  readonly model: string;
  readonly modelVersion: string;
  readonly labels: readonly { readonly name: string; readonly score: number }[];
}

export function addClassify(program: Command, shell: Shell): void {
  const command = program
    .command('classify <input...>')
    .summary('label an image or a text')
    .description(
      'Labels images and texts. An input is a file or a text itself; - stands for stdin.\nBy default: the programming language of a text, the symbol in a hand-drawn image.',
    )
    .option('--text', 'take every input as a text, also where it names a file')
    .option('--top <n>', 'how many labels (default 5)', wholeNumber(1))
    .addHelpText(
      'after',
      '\nExamples:\n  weft classify symbol.png\n  weft classify main.py\n  weft classify "SELECT 1 FROM t"',
    );
  addConnectionOptions(addModelOptions(command)).action(
    async (inputs: string[], flags: { text?: boolean; top?: number }) => {
      const subjects: Subject[] = [];
      for (const input of inputs) {
        subjects.push(flags.text === true ? { kind: 'text', text: input } : await readSubject(shell, input));
      }
      const results = await withRouter(shell, command, async (asking) => {
        const labelled: Labelled[] = [];
        for (const [index, subject] of subjects.entries()) {
          labelled.push({
            input: inputs[index] ?? '',
            kind: subject.kind,
            ...(await label(asking, subject, flags.top)),
          });
        }
        return labelled;
      });
      report(shell, command, { json: { results }, text: results.map(formatLabels(results.length > 1)).join('\n\n') });
    },
  );
}

async function readSubject(shell: Shell, input: string): Promise<Subject> {
  if (input !== '-' && !existsSync(input)) {
    if (looksLikePath(input)) throw new WeftError('NOT_FOUND', `${input}: no such file (--text takes it as a text)`);
    return { kind: 'text', text: input };
  }
  const content = input === '-' ? await shell.readInput() : await readLocalFile(input);
  return isImage(content) ? { kind: 'image', image: content } : { kind: 'text', text: toText(input, content) };
}

/** A slip in a file's name must not be answered with the programming language of that name. */
function looksLikePath(input: string): boolean {
  return (
    /^\S+\.(?:png|jpe?g|gif|webp|tiff?|avif|heic|bmp|svg|pdf|txt|md)$/i.test(input) ||
    /^(?:\.{0,2}|~)\/[\w.-]\S*$/.test(input)
  );
}

async function label(
  { client, options }: Asking,
  subject: Subject,
  topK: number | undefined,
): Promise<Pick<Labelled, 'model' | 'modelVersion' | 'labels'>> {
  if (subject.kind === 'image') return await client.vision.classify({ image: subject.image, topK }, options);
  const { model, modelVersion, results } = await client.nlp.classify({ texts: [subject.text], topK }, options);
  return { model, modelVersion, labels: results[0]?.labels ?? [] };
}

function formatLabels(titled: boolean): (result: Labelled) => string {
  return ({ input, labels }) => {
    const table = formatTable(
      [{ title: 'LABEL' }, { title: 'SCORE', align: 'right' }],
      labels.map(({ name, score }) => [name, formatScore(score)]),
    );
    return titled ? `${shorten(input, 60)}\n${table}` : table;
  };
}
