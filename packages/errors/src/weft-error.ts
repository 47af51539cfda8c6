// The one error class. Its message is written for the client and reaches it unchanged; whatever is not a WeftError is
// unexpected, and the client only learns "internal error" (see toWeftError).
import { type ErrorCode, errorCodes } from './codes.ts';

export interface WeftErrorOptions {
  readonly cause?: unknown;
  /** How long the client should wait before it tries again; negative: not at all. Milliseconds. */
  readonly retryAfterMs?: number;
}

export class WeftError extends Error {
  override readonly name = 'WeftError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: WeftErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = errorCodes[code].retryable;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export const internalErrorMessage = 'internal error';

/** A WeftError as it is; anything else becomes INTERNAL "internal error" with the original as its cause, for the log. */
export function toWeftError(thrown: unknown): WeftError {
  return thrown instanceof WeftError ? thrown : new WeftError('INTERNAL', internalErrorMessage, { cause: thrown });
}

export function invalidArgument(message: string): WeftError {
  return new WeftError('INVALID_ARGUMENT', message);
}
