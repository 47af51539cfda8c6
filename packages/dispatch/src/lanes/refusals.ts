// What clients hear whose calls are turned away or dropped: Triton's words first, for clients that look for them. Under
// overload there are thousands of them a second.
import { refusal, WeftError } from '@weft/errors';
import type { PendingCall } from './pending-call.ts';

/** How long clients are asked to stay away. */
const leastPushbackMs = 10;
const mostPushbackMs = 5000;

/** There is no room; in `drainMs` those who wait will be gone. */
export function full(drainMs: number): WeftError {
  return refusal('RESOURCE_EXHAUSTED', 'Exceeds maximum queue size', { retryAfterMs: pushbackMs(drainMs) });
}

/** It would wait in vain. */
export function tooLong({ deadlineMs }: PendingCall, drainMs: number, nowMs: number): WeftError {
  const remainingMs = Math.round(deadlineMs - nowMs);
  return refusal(
    'RESOURCE_EXHAUSTED',
    `Exceeds maximum queue size: the wait would exceed the deadline in ${remainingMs} ms`,
    { retryAfterMs: pushbackMs(drainMs) },
  );
}

/** Its time is up, or does not suffice any more. */
export function expired({ call, deadlineMs, enqueuedMs }: PendingCall, nowMs: number): WeftError {
  const queuedMs = Math.max(0, nowMs - enqueuedMs).toFixed(0);
  const verdict = deadlineMs <= nowMs ? 'the deadline passed' : 'the deadline cannot be met any more';
  return refusal(
    'DEADLINE_EXCEEDED',
    `Request timeout expired: ${verdict} after ${queuedMs} ms in the queue of model '${call.model}'`,
  );
}

/** It waited as long as its model, or its own request, allows. */
export function waitedTooLong({ call, enqueuedMs }: PendingCall, nowMs: number): WeftError {
  const queuedMs = Math.max(0, nowMs - enqueuedMs).toFixed(0);
  return refusal(
    'DEADLINE_EXCEEDED',
    `Request timeout expired: it may wait no longer after ${queuedMs} ms in the queue of model '${call.model}'`,
  );
}

/** Its replica could not begin it, and it may not be sent twice. */
export const givenBack = new WeftError('UNAVAILABLE', 'its replica gave it back');

function pushbackMs(drainMs: number): number {
  return Math.round(Math.min(mostPushbackMs, Math.max(leastPushbackMs, drainMs)));
}
