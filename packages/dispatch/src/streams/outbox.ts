// Messages on their way to one reader who takes them at its own pace. Whoever puts one in hears when it was taken, and so knows
// when to go on.

interface Waiting {
  readonly message: Buffer;
  readonly onTaken: () => void;
}

export class Outbox {
  readonly #onGiven: (message: Buffer) => void;
  #waiting: Waiting[] = [];
  #state: { readonly kind: 'open' } | { readonly kind: 'ended'; readonly error: Error | undefined } = { kind: 'open' };
  #wake: () => void = () => {};

  /** `onGiven` hears of each message that its reader gets, before the reader asks for another one. */
  constructor(onGiven: (message: Buffer) => void) {
    this.#onGiven = onGiven;
  }

  /** `onTaken` is not called for what nobody will take any more. */
  put(message: Buffer, onTaken: () => void): void {
    if (this.#state.kind === 'ended') return;
    this.#waiting.push({ message, onTaken });
    this.#wake();
  }

  /** Nothing more will come; the reader gets what is there, then the error. The first end counts. */
  end(error?: Error): void {
    if (this.#state.kind === 'ended') return;
    this.#state = { kind: 'ended', error };
    this.#wake();
  }

  /** For one reader. */
  async *read(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const taken = this.#waiting;
      this.#waiting = [];
      for (const { message, onTaken } of taken) {
        this.#onGiven(message);
        yield message;
        onTaken();
      }
      if (this.#waiting.length > 0) continue;
      if (this.#state.kind === 'ended') {
        if (this.#state.error !== undefined) throw this.#state.error;
        return;
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
