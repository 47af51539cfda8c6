// What a handler knows of its call beside the request: who calls, until when, and how to hear that nobody waits any more.
import type { Metadata } from '@grpc/grpc-js';
import type { AuthContext } from '../gate/gate.ts';
import type { Identity } from '../gate/identity.ts';

/** What every kind of grpc-js server call has. */
export interface ServerCall {
  readonly metadata: Metadata;
  getPeer(): string;
  getDeadline(): Date | number;
  getAuthContext(): AuthContext | null;
  once(event: 'cancelled', listener: () => void): unknown;
}

export interface CallContext {
  readonly path: string;
  readonly identity: Identity;
  readonly metadata: Metadata;
  /** An instant of performance.now(); Infinity without a deadline. */
  readonly deadlineMs: number;
  /** W3C trace context of the client; empty without one. */
  readonly traceparent: string;
  /** Calls the listener once when the client cancels, goes away, or its deadline passes. */
  onCancelled(listener: () => void): void;
}

export function callContext(path: string, call: ServerCall, identity: Identity): CallContext {
  const traceparent = call.metadata.get('traceparent')[0];
  return {
    path,
    identity,
    metadata: call.metadata,
    deadlineMs: deadlineInstant(call.getDeadline()),
    traceparent: typeof traceparent === 'string' ? traceparent : '',
    onCancelled: (listener) => {
      call.once('cancelled', listener);
    },
  };
}

/** From grpc-js's wall-clock deadline to an instant of the monotonic clock. */
function deadlineInstant(deadline: Date | number): number {
  const wallClockMs = typeof deadline === 'number' ? deadline : deadline.getTime();
  return wallClockMs === Number.POSITIVE_INFINITY ? wallClockMs : performance.now() + wallClockMs - Date.now();
}
