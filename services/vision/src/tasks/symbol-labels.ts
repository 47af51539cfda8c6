// The names of drawn symbols, from a JSON list of { char, names } in the order of the model's classes.
import { readFile } from 'node:fs/promises';
import { invalidArgument } from '@weft/errors';

/** Labels as `alpha (α)`. Throws INVALID_ARGUMENT when the file is no such list. */
export async function readSymbolLabels(path: string): Promise<string[]> {
  return parseSymbolLabels(await readFile(path, 'utf8'));
}

export function parseSymbolLabels(text: string): string[] {
  const symbols: unknown = parseJson(text);
  if (!Array.isArray(symbols)) throw wrongList();
  return symbols.map((symbol: { char?: unknown; names?: unknown } | null) => {
    const name: unknown = Array.isArray(symbol?.names) ? symbol.names[0] : undefined;
    if (typeof symbol?.char !== 'string' || typeof name !== 'string') throw wrongList();
    return `${name} (${symbol.char})`;
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

function wrongList(): Error {
  return invalidArgument('weft.file.labels: expected a JSON list of { "char": …, "names": […] }');
}
