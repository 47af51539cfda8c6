// What one call may say beside its request.
import { invalidArgument } from '@weft/errors';

export interface CallOptions {
  /** How long this call may take, its retries included. Milliseconds; instead of the client's default. */
  readonly timeoutMs?: number | undefined;
  /** The instant at which nobody wants the answer any more; with `timeoutMs` the earlier of the two counts. */
  readonly deadline?: Date | undefined;
  /** Cancels the call: it rejects with CANCELLED, and the work is dropped wherever it is. */
  readonly signal?: AbortSignal | undefined;
  /** gRPC metadata to send along; keys that end in `-bin` take bytes. */
  readonly metadata?: Readonly<Record<string, string | Uint8Array>> | undefined;
  /** The model that should answer, instead of the method's default. */
  readonly model?: string | undefined;
  /** Its version; without one the mesh chooses. */
  readonly modelVersion?: string | undefined;
}

/**
 * The instant (milliseconds of `now`'s clock) at which a call ends. There always is one: a call that may wait for ever
 * is never what was meant. Throws INVALID_ARGUMENT for a timeout that is no positive number.
 */
export function deadlineOf(options: CallOptions, defaultTimeoutMs: number, now: number): number {
  const timeoutMs = options.timeoutMs ?? (options.deadline === undefined ? defaultTimeoutMs : Number.POSITIVE_INFINITY);
  if (!(timeoutMs > 0)) throw invalidArgument(`timeoutMs must be a positive number, got ${timeoutMs}`);
  const deadline = Math.min(now + timeoutMs, options.deadline?.getTime() ?? Number.POSITIVE_INFINITY);
  if (!Number.isFinite(deadline)) throw invalidArgument('a call needs a deadline that is an instant in time');
  return deadline;
}
