// Model names become folder names and parts of paths, so they are checked before anything else looks at them.
import { invalidArgument } from '@weft/errors';

/** Throws INVALID_ARGUMENT for a name that could leave its folder. Names such as `...` and `model..1` are fine. */
export function validateModelName(name: string): void {
  if (name === '') throw invalidArgument('Model name cannot be empty');
  const leaves = /[/\\\0]/.test(name) || /^\s*\.{1,2}\s*$/.test(name) || name !== name.trim();
  if (leaves) throw invalidArgument(`model name must not contain path traversal characters: '${name}'`);
}
