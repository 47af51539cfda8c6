// What goes wrong while a file is stored, as operators read it: a code, and which file it was.
import { WeftError } from '@weft/errors';

/** A failure to write or link, as a WeftError: RESOURCE_EXHAUSTED for a full disk. Messages hold no path of the machine. */
export function storeFailure(thrown: unknown): WeftError {
  if (thrown instanceof WeftError) return thrown;
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  if (code !== undefined && fullDisk.has(code))
    return new WeftError('RESOURCE_EXHAUSTED', `there is no room to store it (${code})`, { cause: thrown });
  return new WeftError('INTERNAL', `it cannot be stored (${code ?? 'unexpected failure'})`, { cause: thrown });
}

/** EFBIG is what a process gets that may not write more. */
const fullDisk = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

export function cancelled(signal: AbortSignal): WeftError {
  return new WeftError('CANCELLED', 'it is not wanted any more', { cause: signal.reason });
}

/** The same failure, with what it is about before it. */
export function about(subject: string, thrown: unknown): WeftError {
  const { code, message, cause } = storeFailure(thrown);
  return new WeftError(code, `${subject}: ${message}`, { cause: cause ?? thrown });
}

/** Whether a file operation failed with one of these codes. */
export function failedWith(thrown: unknown, ...codes: string[]): boolean {
  return thrown instanceof Error && codes.includes((thrown as NodeJS.ErrnoException).code ?? '');
}
