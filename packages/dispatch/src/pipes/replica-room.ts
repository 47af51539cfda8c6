// How many streams of this process one replica can have, as far as is known here. It says how many slots it has, but not how many
// of them other routers' streams hold: that shows when it refuses one. From then on it is given no more than it had, and one more at a
// time, of which each is followed by the next as soon as the replica has said that it began. So nobody has to tell routers of each
// other, and a replica whose slots are free again fills up within a few round trips.
//
// A replica that fails more than the others gets nothing, until its circuit lets one stream through to see.
import { Circuit } from '@weft/flow';

export class ReplicaRoom {
  readonly circuit = new Circuit();
  /** When it was found to fail more than the others. */
  failingSinceMs = Number.NEGATIVE_INFINITY;
  refusedMs = Number.NEGATIVE_INFINITY;
  #slots = 0;
  /** Streams of this process; undefined: as many as there are slots. */
  #ceiling: number | undefined;
  /** Given to the queue, and not yet taken by a stream. */
  #offered = false;
  /** Streams on their way there, or in line, of which it will say when they begin. */
  #unconfirmed = 0;

  get slots(): number {
    return this.#slots;
  }

  /** It was full when it was asked last. */
  get shared(): boolean {
    return this.#ceiling !== undefined;
  }

  /** Whether one more may be tried there: it is not clear what became of the last one as long as any is on its way. */
  mayTry(nowMs: number): boolean {
    const below = this.#ceiling !== undefined && this.#ceiling < this.#slots;
    return below && !this.#offered && this.#unconfirmed === 0 && this.circuit.state(nowMs) === 'closed';
  }

  /** How many streams it may have, of which it has `open`. */
  most(open: number, nowMs: number): number {
    if (!this.circuit.allows(nowMs)) return 0;
    if (this.circuit.state(nowMs) === 'half-open') return open + 1;
    return Math.min(this.#slots, this.#ceiling ?? this.#slots);
  }

  /** What it reports; of another number of slots nobody knows how many are taken. */
  describe(slots: number): void {
    if (slots !== this.#slots) this.#ceiling = undefined;
    this.#slots = slots;
  }

  /** To be called before the refused stream is taken away: it had `open` with that. */
  refuse(open: number, nowMs: number): void {
    this.#ceiling = Math.max(0, open - 1);
    this.refusedMs = nowMs;
  }

  try(): void {
    if (this.#ceiling !== undefined) this.#ceiling += 1;
    this.#offered = true;
  }

  /** `hearsOfBegin`: followed by `settled`. */
  took({ hearsOfBegin }: { readonly hearsOfBegin: boolean }): void {
    this.#offered = false;
    if (hearsOfBegin) this.#unconfirmed += 1;
  }

  /** It has begun, or is gone. */
  settled(): void {
    this.#unconfirmed -= 1;
    if (this.#ceiling !== undefined && this.#ceiling >= this.#slots) this.#ceiling = undefined;
  }
}
