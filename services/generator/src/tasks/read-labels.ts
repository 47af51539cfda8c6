// A file of labels: one a line, in the order of the model's classes. A label may hold spaces.
import { readFile } from 'node:fs/promises';

export async function readLabels(path: string): Promise<string[]> {
  const lines = (await readFile(path, 'utf8')).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
