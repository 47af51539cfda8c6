// The one error class. Its message is written for the client and reaches it unchanged, unless it is too long (error-text.ts); whatever is not a WeftError is
// unexpected, and the client only learns "internal error" (see toWeftError).
import { randomUUID } from 'node:crypto';
import { type ErrorCode, errorCodes } from './codes.ts';
import { errorText } from './error-text.ts';

export interface WeftErrorOptions {
  readonly cause?: unknown;
  /** How long the client should wait before it tries again; negative: not at all. Milliseconds. */
  readonly retryAfterMs?: number;
  /** Of an unexpected failure: the id under which a log tells its cause. */
  readonly requestId?: string;
}

export class WeftError extends Error {
  override readonly name = 'WeftError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;

  constructor(code: ErrorCode, message: string, options: WeftErrorOptions = {}) {
    super(errorText(message), 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = errorCodes[code].retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.requestId = options.requestId;
  }
}

const internalErrorMessage = 'internal error';

/**
 * A WeftError as it is; anything else becomes INTERNAL "internal error" with the original as its cause and a new request
 * id, which the client gets and the log repeats.
 */
export function toWeftError(thrown: unknown): WeftError {
  if (thrown instanceof WeftError) return thrown;
  return new WeftError('INTERNAL', internalErrorMessage, { cause: thrown, requestId: randomUUID() });
}

export function invalidArgument(message: string): WeftError {
  return new WeftError('INVALID_ARGUMENT', message);
}

/** An error that is expected by the thousand, under overload: it has no stack, which would cost more than all else about it. */
export function refusal(code: ErrorCode, message: string, options: WeftErrorOptions = {}): WeftError {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new WeftError(code, message, options);
  Error.stackTraceLimit = limit;
  return error;
}
