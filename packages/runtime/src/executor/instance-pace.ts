// When an instance takes another batch: when it has none, or when the one that runs is about to end, so that the next is
// here by then. One that came earlier would wait where nothing can be made of it any more: no larger batch, and no way to
// another replica.
import type { Clock } from '@weft/flow';

/** A batch that ends within this time is worth a credit ahead: about one way through the network. */
const aheadMs = 2;

export class InstancePace {
  readonly #clock: Clock;
  readonly #onTakesMore: () => void;
  /** How long each batch is expected to take, the running one first; undefined where nobody knows. */
  readonly #expectedMs: (number | undefined)[] = [];
  #endsSoon = false;
  #cancelTimer: () => void = () => {};

  /** `onTakesMore` is called whenever that becomes true. */
  constructor(clock: Clock, onTakesMore: () => void) {
    this.#clock = clock;
    this.#onTakesMore = onTakesMore;
  }

  get takesMore(): boolean {
    return this.#expectedMs.length === 0 || (this.#endsSoon && this.#expectedMs.length === 1);
  }

  /** A batch was given to the instance. */
  add(expectedMs: number | undefined): void {
    this.#expectedMs.push(expectedMs);
    if (this.#expectedMs.length === 1) this.#begin();
  }

  /** The running batch has ended. */
  end(): void {
    this.#expectedMs.shift();
    this.#cancelTimer();
    if (this.#expectedMs.length > 0) this.#begin();
    else this.#onTakesMore();
  }

  #begin(): void {
    const [expectedMs] = this.#expectedMs;
    this.#endsSoon = false;
    if (expectedMs === undefined) return;
    if (expectedMs > aheadMs) this.#cancelTimer = this.#clock.setTimer(expectedMs - aheadMs, () => this.#soon());
    else this.#soon();
  }

  #soon(): void {
    this.#endsSoon = true;
    if (this.takesMore) this.#onTakesMore();
  }
}
