// A clock that stands still until a test moves it.
import type { Clock } from './clock.ts';

export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly atMs: number; readonly wake: () => void }>();

  now(): number {
    return this.#now;
  }

  setTimer(delayMs: number, wake: () => void): () => void {
    const timer = { atMs: this.#now + Math.max(delayMs, 0), wake };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves time forward and fires what falls due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.atMs <= end).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = due.atMs;
      due.wake();
    }
    this.#now = end;
  }
}
