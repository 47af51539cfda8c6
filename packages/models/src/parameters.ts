// weft's own settings of a model: parameters whose keys begin with `weft.`.
import { invalidArgument } from '@weft/errors';
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';

/** The value of the parameter `weft.<name>`; undefined when absent or empty. */
export function weftParameter(config: ModelConfig__Output, name: string): string | undefined {
  const value = config.parameters[`weft.${name}`]?.stringValue;
  return value === '' ? undefined : value;
}

/** The number in the parameter `weft.<name>`; undefined when absent. Throws INVALID_ARGUMENT when it is not above zero. */
export function positiveParameter(config: ModelConfig__Output, name: string): number | undefined {
  const text = weftParameter(config, name);
  return text === undefined ? undefined : positiveNumber(`weft.${name}`, text);
}

/** The number that a text is. Throws INVALID_ARGUMENT, naming `where` it stands, when it is not above zero. */
export function positiveNumber(where: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw invalidArgument(`${where}: expected a number above 0, got "${text}"`);
  return value;
}

/** All parameters `weft.<prefix>.<key>` as key → value. */
export function weftParameters(config: ModelConfig__Output, prefix: string): Record<string, string> {
  const start = `weft.${prefix}.`;
  const found: Record<string, string> = {};
  for (const [key, { stringValue }] of Object.entries(config.parameters)) {
    if (key.startsWith(start) && stringValue !== '') found[key.slice(start.length)] = stringValue;
  }
  return found;
}
