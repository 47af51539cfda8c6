// What a lane tells of its work, for metrics and logs.
import type { DispatchReason } from '@weft/flow';

/** Why a call was turned away or dropped: no room, hardly time enough, or certainly not. */
export type ShedReason = 'full' | 'wait' | 'deadline';

/** Why a call was sent a second time: it failed, it took longer than the model's hedge, or its replica seems to hang. */
export type AgainReason = 'failed' | 'hedge' | 'overdue';

/** Why a batch was sent: what the scheduler says, or to see how a replica does that gets nothing otherwise. */
export type BatchReason = DispatchReason | 'probe';

export interface LaneBatch {
  readonly method: string;
  readonly rows: number;
  readonly requests: number;
  /** How long its oldest call has waited. */
  readonly queueMs: number;
  readonly reason: BatchReason;
}

export interface LaneObserver {
  onDispatched(batch: LaneBatch): void;
  onShed(reason: ShedReason): void;
  /** A stream got a slot, so long after it came. */
  onStreamBegun?(waitedMs: number): void;
  onSentAgain(reason: AgainReason): void;
  /** A replica gets nothing but probes from now on, or is trusted again. */
  onEjected(endpoint: string, reason: string): void;
  onReadmitted(endpoint: string): void;
  /** So many sequences ended with their instance. */
  onSequencesLost?(count: number, reason: string): void;
}
