// What every event log asks of an event before it appends it, so that all of them refuse the same ones.
import { invalidArgument, WeftError } from '@weft/errors';
import { validateModelName } from '../model-name.ts';
import { maxEventBytes, type NewEvent } from './event-log.ts';

/** A model is a folder, and no file system takes longer names. */
const maxNameBytes = 255;

/** Throws INVALID_ARGUMENT for a name that is none, or an event over maxEventBytes. */
export function checkNewEvent({ model, bytes }: NewEvent): void {
  validateModelName(model);
  const name = Buffer.from(model);
  if (name.length > maxNameBytes) throw invalidArgument(`a model's name has at most ${maxNameBytes} bytes`);
  if (name.toString() !== model) throw invalidArgument("a model's name is not valid Unicode");
  if (bytes.length > maxEventBytes)
    throw invalidArgument(`an event of ${bytes.length} bytes is over the limit of ${maxEventBytes}`);
}

export function changedMeanwhile({ model, after }: NewEvent, revision: number): WeftError {
  return new WeftError('ABORTED', `model '${model}' has changed meanwhile: revision ${revision}, not ${after}`);
}

export function wrongContent(
  expected: { readonly sha256: string; readonly size: number },
  found: { readonly sha256: string; readonly size: number },
): WeftError {
  return new WeftError(
    'DATA_LOSS',
    `expected ${expected.size} bytes with the digest ${expected.sha256}, got ${found.size} with ${found.sha256}`,
  );
}
