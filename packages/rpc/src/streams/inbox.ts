// What has come in one message of a transport and is wanted one by one: gives the next part when it is asked for it, also from within,
// and asks for more when there is none.

export class Inbox<Part> {
  readonly #ask: () => void;
  readonly #give: (part: Part) => void;
  #parts: readonly Part[] = [];
  #at = 0;
  #wanted = false;
  /** A reader that asks from within is answered by the loop: it must not grow the stack. */
  #giving = false;

  /** `ask` may be answered by `add` from within. */
  constructor(ask: () => void, give: (part: Part) => void) {
    this.#ask = ask;
    this.#give = give;
  }

  read(): void {
    this.#wanted = true;
    this.#goOn();
  }

  /** The answer to `ask`. */
  add(parts: readonly Part[]): void {
    this.#parts = parts;
    this.#at = 0;
    this.#goOn();
  }

  #goOn(): void {
    if (this.#giving) return;
    this.#giving = true;
    while (this.#wanted && this.#at < this.#parts.length) {
      this.#wanted = false;
      this.#give(this.#parts[this.#at++] as Part);
    }
    this.#giving = false;
    if (this.#wanted) this.#ask();
  }
}
