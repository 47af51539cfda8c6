// The queue of one model version over all its replicas, as the engine sees it, however its batches are made.
import type { Attachment } from '../replicas/attachment.ts';
import type { VersionView } from '../replicas/inventory.ts';
import type { LaneReplica } from './lane-replica.ts';
import type { Call, PendingCall } from './pending-call.ts';

export interface VersionLane {
  readonly model: string;
  readonly version: string;
  /** Calls that wait. */
  readonly size: number;
  /** Those that batches are planned for, with what is known of their times. */
  readonly replicas: Iterable<LaneReplica>;
  /** What the version is now: that holds for those who wait, too. False when it needs a lane of another kind. */
  describe(view: VersionView): boolean;
  /** Admits a call, or throws why not. */
  submit(call: Call, rows: number): PendingCall;
  /** Takes calls that have waited before, here or elsewhere. */
  putBack(calls: readonly PendingCall[]): void;
  attach(attachment: Attachment, entry: VersionView['entry']): void;
  detach(attachment: Attachment): void;
  /** Everything that waits and may go elsewhere, taken out: the version goes away. */
  takeAll(): PendingCall[];
  /** A replica may be free, slower or gone. */
  changed(): void;
}
