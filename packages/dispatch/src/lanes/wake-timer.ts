// One timer that is moved: to the next instant at which its owner has to look again.
import type { Clock } from '@weft/flow';

export class WakeTimer {
  readonly #clock: Clock;
  readonly #onWake: () => void;
  #atMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};

  constructor(clock: Clock, onWake: () => void) {
    this.#clock = clock;
    this.#onWake = onWake;
  }

  /** Wakes then, and not at the instant that was said before; Infinity: not at all. It may wake up to two milliseconds early. */
  at(atMs: number): void {
    if (atMs === this.#atMs) return;
    this.#cancel();
    this.#atMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.#cancel = this.#clock.setTimer(atMs - this.#clock.now(), () => {
      this.#atMs = Number.POSITIVE_INFINITY;
      this.#onWake();
    });
  }
}
