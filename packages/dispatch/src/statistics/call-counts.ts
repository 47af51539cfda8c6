// Who counts what becomes of the calls of a model version, told by the engine. A router counts all of it; a service counts what its
// executor computed, whoever asked, and of its own engine only what that adds.
import type { ErrorCode } from '@weft/errors';
import type { Execution, ItemTimes } from '@weft/rpc';
import type { CountedCall } from './counted-call.ts';
import type { StreamCounts } from './counted-stream.ts';

export interface CallCounts extends StreamCounts {
  answered(call: CountedCall, times: ItemTimes, nowMs: number): void;
  /** Also of cancelled ones, with the code CANCELLED. */
  failed(call: CountedCall, code: ErrorCode, nowMs: number): void;
  /** It was not even queued. */
  refused(code: ErrorCode): void;
  executed(executions: readonly Execution[]): void;
}
