// For tests of what handles calls without an engine: pending calls, and what they were answered.
import type { Call, Terms } from '../lanes/pending-call.ts';
import { PendingCall } from '../lanes/pending-call.ts';

const infinity = Number.POSITIVE_INFINITY;

export function call(fields: Partial<Call> = {}): Call {
  return {
    ...{ model: 'm', version: '', method: '/a.B/C', payload: Buffer.from('x'), rows: 1, tenant: '', priority: 0 },
    ...{ deadlineMs: infinity, timeoutMs: infinity, traceparent: '', settle: () => {} },
    ...fields,
  };
}

/** One that came at 0; what is not said of it is usual. */
export function pendingCall(fields: Partial<Call> = {}, terms: Partial<Terms> = {}): PendingCall {
  const given = call(fields);
  const { rows, deadlineMs } = given;
  const usual = { rows, deadlineMs, startByMs: infinity, refusedLate: false, priority: 0, objectiveMs: undefined };
  return new PendingCall(given, { ...usual, ...terms }, 0);
}
