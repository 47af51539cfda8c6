// What a file system says, as what an event log says.
import { WeftError } from '@weft/errors';

const noRoom = new Set(['ENOSPC', 'EFBIG', 'EDQUOT']);

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** RESOURCE_EXHAUSTED where there is no room, else UNAVAILABLE; a WeftError as it is. `doing` begins the message. */
export function diskError(doing: string, error: unknown): WeftError {
  if (error instanceof WeftError) return error;
  const why = error instanceof Error ? error.message : String(error);
  const code = noRoom.has(codeOf(error)) ? 'RESOURCE_EXHAUSTED' : 'UNAVAILABLE';
  return new WeftError(code, `${doing}: ${why}`, { cause: error });
}
