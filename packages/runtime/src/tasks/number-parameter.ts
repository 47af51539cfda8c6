// Settings of a model that are numbers. Parameters are strings in its configuration.
import { invalidArgument } from '@weft/errors';
import type { TaskContext } from '../task.ts';

/** The number in the parameter `weft.<name>`, `fallback` without one. Throws INVALID_ARGUMENT when it is none. */
export function numberParameter(context: Pick<TaskContext, 'parameter'>, name: string, fallback: number): number {
  return readNumber(context, name, { fallback, fits: () => true, expected: 'a number' });
}

/** The same for one that must be above zero. */
export function positiveParameter(context: Pick<TaskContext, 'parameter'>, name: string, fallback: number): number {
  return readNumber(context, name, { fallback, fits: (value) => value > 0, expected: 'a number above 0' });
}

interface Wanted {
  readonly fallback: number;
  readonly fits: (value: number) => boolean;
  readonly expected: string;
}

function readNumber(context: Pick<TaskContext, 'parameter'>, name: string, wanted: Wanted): number {
  const text = context.parameter(name);
  if (text === undefined) return wanted.fallback;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && wanted.fits(value)) return value;
  throw invalidArgument(`weft.${name}: expected ${wanted.expected}, got "${text}"`);
}
