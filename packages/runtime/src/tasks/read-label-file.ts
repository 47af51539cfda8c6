// A file of labels: one a line, in the order of the classes. A label may hold spaces, or nothing; the last line may end or not.
import { readFileSync } from 'node:fs';

export function readLabelFile(path: string): string[] {
  const lines = readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
