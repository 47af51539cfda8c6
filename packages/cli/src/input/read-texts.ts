// Texts from arguments, from a file or from stdin: `-` among the arguments stands for the lines of stdin.
import { WeftError } from '@weft/errors';
import type { Shell } from '../shell.ts';
import { usageError } from '../usage-error.ts';
import { readLocalFile } from './read-local-file.ts';

export interface TextSource {
  readonly args: readonly string[];
  /** A file with one text in each line. */
  readonly file?: string | undefined;
  /** What the texts are called, for messages: `TEXT`. */
  readonly name: string;
}

/** All texts in order, the file's last; empty lines are left out. */
export async function readTexts(shell: Shell, { args, file, name }: TextSource): Promise<string[]> {
  if (args.length === 0 && file === undefined) throw usageError(`missing ${name}: give texts, - for stdin, or --file`);
  const texts: string[] = [];
  for (const arg of args) {
    if (arg === '-') texts.push(...lines(toText('stdin', await shell.readInput())));
    else texts.push(arg);
  }
  if (file !== undefined) texts.push(...lines(toText(file, await readLocalFile(file))));
  if (texts.length === 0) throw new WeftError('INVALID_ARGUMENT', `there is no text in ${file ?? 'stdin'}`);
  return texts;
}

/** The whole text of a file, or of stdin for `-`. */
export async function readText(shell: Shell, path: string): Promise<string> {
  return path === '-' ? toText('stdin', await shell.readInput()) : toText(path, await readLocalFile(path));
}

/** Throws INVALID_ARGUMENT where the bytes are not UTF-8 text. */
export function toText(source: string, bytes: Uint8Array): string {
  try {
    if (bytes.includes(0)) throw new TypeError('NUL');
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new WeftError('INVALID_ARGUMENT', `${source} holds no UTF-8 text`, { cause });
  }
}

function lines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}
