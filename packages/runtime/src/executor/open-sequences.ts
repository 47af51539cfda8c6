// Whether sequences still run on a model version that is to go. Its workers tell with each batch how many they remember; of those a
// router may have ended some without a word, but none of which it has heard nothing for the idle time.
import type { Clock } from '@weft/flow';
import { sequenceBatchingOf } from '@weft/models';
import type { ModelVersionOptions } from './model-version-options.ts';

/** A sequence without an end must not keep two versions in memory for ever. */
export const longestWaitMs = 600_000;

/** A router that has ended a sequence after the idle time has counted it from the answer's arrival there. */
const graceMs = 250;

export class OpenSequences {
  readonly #clock: Clock;
  readonly #idleMs: number;
  /** By instance. */
  readonly #remembered = new Map<number, number>();
  #heardMs = Number.NEGATIVE_INFINITY;
  #onHeard: () => void = () => {};

  constructor(clock: Clock, idleMs: number) {
    this.#clock = clock;
    this.#idleMs = idleMs;
  }

  /** An instance has had a batch, and remembers so many; 0 after a crash. */
  heard(instance: number, remembered: number): void {
    this.#heardMs = this.#clock.now();
    this.#remembered.set(instance, remembered);
    this.#onHeard();
  }

  /** How long they may still be there; 0 when there are none. */
  get leftMs(): number {
    const any = [...this.#remembered.values()].some((count) => count > 0);
    return any ? Math.max(0, this.#heardMs + this.#idleMs + graceMs - this.#clock.now()) : 0;
  }

  /** Resolves when there are none any more, or they have had long enough; undefined when there is none now. For one who waits. */
  over(): Promise<void> | undefined {
    return this.leftMs === 0 ? undefined : this.#wait();
  }

  async #wait(): Promise<void> {
    const latestMs = this.#clock.now() + longestWaitMs;
    for (let left = this.leftMs; left > 0; left = this.leftMs) {
      const waitMs = Math.min(left, latestMs - this.#clock.now());
      if (waitMs <= 0) return;
      await new Promise<void>((resolve) => {
        const cancelTimer = this.#clock.setTimer(waitMs, resolve);
        this.#onHeard = () => {
          cancelTimer();
          resolve();
        };
      });
    }
  }
}

/** Undefined for a model that does not batch sequences. Throws INVALID_ARGUMENT for settings that cannot be meant. */
export function openSequencesOf({ config, clock }: ModelVersionOptions): OpenSequences | undefined {
  const batching = sequenceBatchingOf(config);
  return batching === undefined ? undefined : new OpenSequences(clock, batching.idleMs);
}
