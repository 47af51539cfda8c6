// Settings of a model that are numbers. Parameters are strings in its configuration.
import { invalidArgument } from '@weft/errors';
import type { TaskContext } from '@weft/runtime';

/** The number in the parameter `weft.<name>`, or `fallback` without one. Throws INVALID_ARGUMENT when it is no number. */
export function numberParameter(context: Pick<TaskContext, 'parameter'>, name: string, fallback: number): number {
  const text = context.parameter(name)?.trim();
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) throw invalidArgument(`weft.${name}: expected a number, got "${text}"`);
  return value;
}
