// What an engine is made with: its limits, and who is told of what it does.
import type { Clock } from '@weft/flow';
import type { Inventory } from '../replicas/inventory.ts';
import type { LaneObserver } from '../lanes/lane-observer.ts';
import type { ShadowOutcome } from '../rollout/shadow-traffic.ts';
import type { CountsOf } from '../rollout/version-tally.ts';

export interface EngineOptions {
  readonly clock: Clock;
  /** Calls that may wait for one model version, and their bytes. */
  readonly maxQueueSize: number;
  readonly maxQueueBytes: number;
  readonly maxBatchBytes: number;
  readonly observer: EngineObserver;
}

export interface EngineObserver {
  onInventory(inventory: Inventory): void;
  /** The stream to a model of a replica was lost, though the replica was not. */
  onDetached(model: string, reason: string): void;
  /** What became of the copy of a request that the shadow version got. */
  onShadow?(model: string, version: string, outcome: ShadowOutcome): void;
  /** What the lane of a model version tells of its work. */
  lane(model: string, version: string): LaneObserver;
  /** Who counts what becomes of the calls of a model version. */
  counts: CountsOf;
}
