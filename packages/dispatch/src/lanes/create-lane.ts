// The lane that a model version needs: most batch requests that have nothing to do with each other, some those of sequences.
import type { VersionView } from '../replicas/inventory.ts';
import { Lane, type LaneOptions } from './lane.ts';
import type { LostSequences } from '../sequences/lost-sequences.ts';
import { sequenceBatchingFor } from '../sequences/sequence-batching-for.ts';
import { SequenceLane } from '../sequences/sequence-lane.ts';
import type { VersionLane } from './version-lane.ts';

export function createLane(view: VersionView, options: LaneOptions & { readonly lost: LostSequences }): VersionLane {
  const batching = sequenceBatchingFor(view);
  return batching === undefined ? new Lane(options, view) : new SequenceLane(options, view, batching);
}
