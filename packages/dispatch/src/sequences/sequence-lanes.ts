// The lanes of all model versions that batch sequences: which of them has a running sequence, so that its requests stay with the
// version that it began with, and which sequences were lost, whatever became of their lane.
import type { Clock } from '@weft/flow';
import type { Call } from '../lanes/pending-call.ts';
import type { VersionLane } from '../lanes/version-lane.ts';
import { LostSequences } from './lost-sequences.ts';
import { SequenceLane } from './sequence-lane.ts';

export class SequenceLanes {
  readonly lost: LostSequences;
  readonly #lanes = new Set<SequenceLane>();

  constructor(clock: Clock) {
    this.lost = new LostSequences(clock);
  }

  add(lane: VersionLane): void {
    if (lane instanceof SequenceLane) this.#lanes.add(lane);
  }

  delete(lane: VersionLane): void {
    if (lane instanceof SequenceLane) this.#lanes.delete(lane);
  }

  /** The version that the sequence of this call runs on; undefined when it begins with it, or runs nowhere. */
  versionOf({ model, version, sequence }: Pick<Call, 'model' | 'version' | 'sequence'>): string | undefined {
    if (version !== '' || sequence?.id === undefined || sequence.start) return undefined;
    for (const lane of this.#lanes) if (lane.model === model && lane.holds(sequence.id)) return lane.version;
    return undefined;
  }

  /** A sequence whose version was drawn for this call begins anew there, and runs nowhere else. */
  beginsIn(lane: VersionLane, { model, version, sequence }: Call): void {
    if (version !== '' || sequence?.id === undefined || !sequence.start) return;
    for (const other of this.#lanes) if (other !== lane && other.model === model) other.leave(sequence.id);
  }
}
