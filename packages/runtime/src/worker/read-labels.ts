// Label files: one label in each line, the first for index 0.
import { readFileSync } from 'node:fs';

/** The labels of each output, by the file that names them. */
export function readLabels(files: Readonly<Record<string, string>>): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(files).map(([output, file]) => [output, linesOf(readFileSync(file, 'utf8'))]));
}

function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split(/\r?\n/);
}
