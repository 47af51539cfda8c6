// One call on its way: waiting in a lane, or part of a batch that a replica computes, or settled.
import type { WeftError } from '@weft/errors';
import type { Queued } from '@weft/flow';
import type { ItemTimes } from '@weft/rpc';

/** What a front submits. Everything but the payload was read from the call and its payload by a scan. */
export interface Call {
  readonly model: string;
  /** Empty: the newest READY version. */
  readonly version: string;
  /** Full path of the method. */
  readonly method: string;
  readonly payload: Buffer;
  /** Rows of a typed request; of an Open Inference request the size of the first dimension of its first input. */
  readonly rows: number;
  /** An instant of the engine's clock; Infinity without a deadline. */
  readonly deadlineMs: number;
  readonly traceparent: string;
  readonly tenant: string;
  /** Called once. */
  settle(answer: Answer): void;
}

export type Answer = { readonly payload: Uint8Array; readonly times: ItemTimes } | { readonly error: WeftError };

let nextSuspect = 1;

export class PendingCall implements Queued {
  readonly call: Call;
  kind: string;
  readonly byteSize: number;
  readonly deadlineMs: number;
  readonly enqueuedMs: number;
  rows: number;
  /** How many replicas were lost while they had this call. */
  losses = 0;
  settled = false;
  /** Takes the call out of wherever it is: a lane's queue, or a batch at a replica. */
  withdraw: (() => void) | undefined;

  constructor(call: Call, rows: number, nowMs: number) {
    this.call = call;
    this.kind = call.method;
    this.byteSize = call.payload.length;
    this.deadlineMs = call.deadlineMs;
    this.enqueuedMs = nowMs;
    this.rows = rows;
  }

  /** A replica was lost while it had this call, which may be the cause: it shares no batch any more. */
  suspect(): void {
    this.losses++;
    this.kind = `suspect ${nextSuspect++}`;
  }

  settle(answer: Answer): void {
    if (this.settled) return;
    this.settled = true;
    this.withdraw = undefined;
    this.call.settle(answer);
  }

  /** Nobody waits for the answer any more. */
  cancel(): void {
    if (this.settled) return;
    this.settled = true;
    this.withdraw?.();
    this.withdraw = undefined;
  }
}
