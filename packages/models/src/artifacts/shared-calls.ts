// One call for all who want the same at the same time. Each may give up alone; the call is cancelled when nobody waits any more.
import { cancelled } from './store-failure.ts';

interface Shared<T> {
  readonly result: Promise<T>;
  readonly cancel: AbortController;
  waiting: number;
}

export class SharedCalls<T> {
  readonly #running = new Map<string, Shared<T>>();

  /** `start` is called unless a call with the same key runs; its signal is its own. Rejects with CANCELLED once `signal` is aborted. */
  async join(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (signal.aborted) throw cancelled(signal);
    const shared = this.#running.get(key) ?? this.#begin(key, start);
    shared.waiting++;
    let giveUp = (): void => undefined;
    const gaveUp = new Promise<never>((_resolve, reject) => {
      giveUp = () => reject(cancelled(signal));
      signal.addEventListener('abort', giveUp, { once: true });
    });
    try {
      return await Promise.race([shared.result, gaveUp]);
    } finally {
      signal.removeEventListener('abort', giveUp);
      shared.waiting--;
      if (shared.waiting === 0) await this.#end(key, shared);
    }
  }

  #begin(key: string, start: (signal: AbortSignal) => Promise<T>): Shared<T> {
    const cancel = new AbortController();
    const shared: Shared<T> = { result: start(cancel.signal), cancel, waiting: 0 };
    this.#running.set(key, shared);
    // Whoever waits hears of it; where nobody does any more, nobody needs to.
    shared.result.catch(() => undefined).finally(() => this.#forget(key, shared));
    return shared;
  }

  /** Whoever gave up last leaves when all has been cleaned up. */
  async #end(key: string, shared: Shared<T>): Promise<void> {
    this.#forget(key, shared);
    shared.cancel.abort(new Error('nobody waits for it'));
    await shared.result.catch(() => undefined);
  }

  #forget(key: string, shared: Shared<T>): void {
    if (this.#running.get(key) === shared) this.#running.delete(key);
  }
}
