// What a call hears that a queue did not take, or did not keep. Under overload there are thousands of them a second.
import { refusal, type WeftError } from '@weft/errors';
import type { PendingCall } from './pending-call.ts';

/** How long clients are asked to stay away. */
const leastPushbackMs = 10;
const mostPushbackMs = 5000;

/** `drainMs` is how long those who wait will take. */
export function full(drainMs: number): WeftError {
  return refusal('RESOURCE_EXHAUSTED', 'Exceeds maximum queue size', { retryAfterMs: pushbackMs(drainMs) });
}

export function tooLong({ deadlineMs }: PendingCall, drainMs: number, nowMs: number): WeftError {
  const remainingMs = Math.round(deadlineMs - nowMs);
  const message = `Exceeds maximum queue size: the wait would exceed the deadline in ${remainingMs} ms`;
  return refusal('RESOURCE_EXHAUSTED', message, { retryAfterMs: pushbackMs(drainMs) });
}

export function expired({ deadlineMs, enqueuedMs, call }: PendingCall, nowMs: number): WeftError {
  const queuedMs = Math.max(0, nowMs - enqueuedMs).toFixed(0);
  const verdict = deadlineMs <= nowMs ? 'the deadline passed' : 'the deadline cannot be met any more';
  const message = `Request timeout expired: ${verdict} after ${queuedMs} ms in the queue of model '${call.model}'`;
  return refusal('DEADLINE_EXCEEDED', message);
}

function pushbackMs(drainMs: number): number {
  return Math.round(Math.min(mostPushbackMs, Math.max(leastPushbackMs, drainMs)));
}
