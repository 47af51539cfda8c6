// Settings of a model that are positive numbers. Parameters are strings in its configuration.
import { invalidArgument } from '@weft/errors';
import type { TaskContext } from '@weft/runtime';

/** The number in the parameter `weft.<name>`, `fallback` without one. Throws INVALID_ARGUMENT when it is not above zero. */
export function positiveParameter(context: Pick<TaskContext, 'parameter'>, name: string, fallback: number): number {
  const text = context.parameter(name);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw invalidArgument(`weft.${name}: expected a number above 0, got "${text}"`);
  }
  return value;
}
