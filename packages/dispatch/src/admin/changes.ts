// Wakes whoever waits for something to change: the inventory, or what is known of the event log. Several changes in a row wake
// once; whoever was awake meanwhile looks again, for a change between two waits must not be missed.

export class Changes {
  readonly #waiting = new Set<() => void>();
  #count = 0;

  notify(): void {
    this.#count += 1;
    for (const wake of [...this.#waiting]) wake();
  }

  /** How often something has changed: to be read before looking, and given to `after`. */
  get count(): number {
    return this.#count;
  }

  /** Resolves once more has changed than `count`, or when the signal aborts. */
  after(count: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      if (this.#count > count || signal.aborted) return resolve();
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
