// Sequences that ended with their instance, so that their clients hear that, and not that they never began. Remembered until
// one begins anew; who does not ask for a long time is forgotten, and beyond a bound the oldest are.
import type { Clock } from '@weft/flow';
import type { SequenceId } from '@weft/rpc';

const longestMs = 600_000;
const most = 10_000;

export class LostSequences {
  readonly #clock: Clock;
  /** By model and id, the one that was lost first, first. */
  readonly #lost = new Map<string, { readonly reason: string; readonly atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(model: string, id: SequenceId, reason: string): void {
    const nowMs = this.#clock.now();
    const key = keyOf(model, id);
    this.#lost.delete(key);
    this.#lost.set(key, { reason, atMs: nowMs });
    for (const [oldest, { atMs }] of this.#lost) {
      if (this.#lost.size <= most && nowMs - atMs <= longestMs) break;
      this.#lost.delete(oldest);
    }
  }

  /** Why it was lost; undefined for one that was not. */
  reasonOf(model: string, id: SequenceId): string | undefined {
    return this.#lost.get(keyOf(model, id))?.reason;
  }

  /** It begins anew. */
  forget(model: string, id: SequenceId): void {
    if (this.#lost.size > 0) this.#lost.delete(keyOf(model, id));
  }
}

function keyOf(model: string, id: SequenceId): string {
  return `${model}\n${typeof id}\n${id}`;
}
