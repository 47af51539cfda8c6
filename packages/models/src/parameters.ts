// weft's own settings of a model: parameters whose keys begin with `weft.`.
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';

/** The value of the parameter `weft.<name>`; undefined when absent or empty. */
export function weftParameter(config: ModelConfig__Output, name: string): string | undefined {
  const value = config.parameters[`weft.${name}`]?.stringValue;
  return value === '' ? undefined : value;
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
