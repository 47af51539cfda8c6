// The JSON files that Hugging Face keeps beside a model, where the configuration refers to them.
import { readFile } from 'node:fs/promises';
import { invalidArgument } from '@weft/errors';
import type { TaskContext } from '@weft/runtime';

/** Empty where no `weft.file.<name>` is set. Throws INVALID_ARGUMENT for what is no JSON. */
export async function readModelJson(
  { parameter, file }: Pick<TaskContext, 'parameter' | 'file'>,
  name: string,
): Promise<Readonly<Record<string, unknown>>> {
  if (parameter(`file.${name}`) === undefined) return {};
  const path = file(name);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    throw invalidArgument(`weft.file.${name}: cannot be read as JSON: ${(cause as Error).message}`);
  }
}
