// `name=value`, the form of an input on the command line.
import { usageError } from '../usage-error.ts';

/** Throws a usage error where the argument is no `name=value`. */
export function splitArgument(arg: string): { name: string; source: string } {
  const at = arg.indexOf('=');
  if (at < 1) throw usageError(`--input ${arg}: expected name=value, such as 'x=[[1, 2]]' or x=@file.npy`);
  return { name: arg.slice(0, at), source: arg.slice(at + 1) };
}
