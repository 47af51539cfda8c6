// The label files of a configuration's outputs.
import { readLabelFile } from '../tasks/read-label-file.ts';

/** The labels of each output, by the file that names them. */
export function readLabels(files: Readonly<Record<string, string>>): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(files).map(([output, file]) => [output, readLabelFile(file)]));
}
