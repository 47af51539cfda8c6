// What goes into the scheduler of sequences and what comes out of it.
import type { DispatchReason } from './batch-policy.ts';

export interface SequenceRequest {
  /** What clients call the sequence. */
  readonly id: bigint | string;
  readonly start: boolean;
  readonly end: boolean;
  readonly byteSize: number;
}

/** One request of a batch, with what it is to its sequence when it goes. */
export interface SequenceTurn<Item> {
  readonly item: Item;
  readonly id: bigint | string;
  /** Of one sequence, from its beginning to its end, whatever other sequences have the same id. */
  readonly number: number;
  readonly start: boolean;
  readonly end: boolean;
}

export type SequenceTurns<Item, Instance> =
  | {
      readonly instance: Instance;
      readonly turns: readonly SequenceTurn<Item>[];
      /** Numbers of sequences that this instance need not remember any more. */
      readonly released: readonly number[];
      readonly reason: DispatchReason;
      /** Since when the first of them waits. */
      readonly oldestSinceMs: number;
    }
  /** When to ask again if nothing happens; Infinity when there is nothing to wait for. */
  | { readonly askAgainMs: number };

/** A sequence that ended with its instance. */
export interface LostSequence<Item> {
  readonly id: bigint | string;
  /** Its END had not come: more of it may. */
  readonly open: boolean;
  readonly waiting: readonly Item[];
}
