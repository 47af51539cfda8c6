// What the instances of a replica have to do, as far as this side sent it: which batch runs, which waits behind it, when
// each began or is expected to. The batches of one instance run one after the other, in the order in which they were sent.
import type { SentBatch } from './sent-batch.ts';

interface Begun {
  readonly batch: SentBatch;
  /** An instant; of one that waits behind others it is expected. */
  startMs: number;
}

export class InstanceWork {
  /** Of each instance that has something, the running batch first. */
  readonly #batches = new Map<number, Begun[]>();

  /** To be called once the batch has its instance. */
  add(batch: SentBatch): void {
    const { instance } = batch;
    const begun = this.#batches.get(instance) ?? [];
    begun.push({ batch, startMs: startAfter(begun.at(-1), batch) });
    this.#batches.set(instance, begun);
  }

  /** A batch has ended, sooner than expected or later: the next one begins. */
  remove(batch: SentBatch, nowMs: number): void {
    const begun = this.#batches.get(batch.instance) ?? [];
    const at = begun.findIndex((one) => one.batch === batch);
    if (at === -1) return;
    begun.splice(at, 1);
    if (begun.length === 0) this.#batches.delete(batch.instance);
    for (const [position, one] of begun.entries()) {
      if (position > 0) one.startMs = startAfter(begun[position - 1], one.batch);
      else if (at === 0) one.startMs = nowMs;
    }
  }

  /** When each instance that has something is expected to be done with all of it. */
  endsMs(): number[] {
    return [...this.#batches.values()].map((begun) => endOf(begun.at(-1) as Begun));
  }

  /**
   * When a batch that may take `limitMs` has taken too long. Its time begins with its start, and as long as one before it
   * has time left, so has this one.
   */
  overdueAtMs(batch: SentBatch, limitMs: (batch: SentBatch) => number): number {
    let atMs = Number.NEGATIVE_INFINITY;
    for (const one of this.#batches.get(batch.instance) ?? []) {
      atMs = Math.max(atMs, one.startMs + limitMs(one.batch));
      if (one.batch === batch) break;
    }
    return atMs;
  }
}

function startAfter(before: Begun | undefined, { options: { sentMs } }: SentBatch): number {
  return before === undefined ? sentMs : Math.max(sentMs, endOf(before));
}

function endOf({ startMs, batch }: Begun): number {
  return startMs + batch.options.expectedMs;
}
