// Messages on their way out on one stream, in order. A large one leaves piece by piece, each written into the same buffer once
// the one before has gone: so it takes a few megabytes of this process, however large it is.
import { FieldWriter } from '../wire/write.ts';
import { FragmentCutter, type Message, travelsWhole } from './fragments.ts';

/** Writes to the stream, and calls back later, when it needs the bytes no more; with an error when it is broken. */
export type WriteBytes = (bytes: Buffer, onGone: (error?: Error | null) => void) => void;

export class MessageSender {
  readonly #write: WriteBytes;
  /** Behind the one that leaves now. */
  readonly #waiting: Message[] = [];
  #cutting = false;
  #onSent: (() => void) | undefined;

  constructor(write: WriteBytes) {
    this.#write = write;
  }

  /** The message must not change any more. */
  send(message: Message): void {
    if (this.#cutting) this.#waiting.push(message);
    else if (travelsWhole(message)) this.#write(message, ignored);
    else this.#cut(message);
  }

  /** Calls back once all is written that was sent before; at once when it is already. Never after an error. */
  whenSent(then: () => void): void {
    if (this.#cutting) this.#onSent = then;
    else then();
  }

  #cut(message: Message): void {
    const cutter = new FragmentCutter(message);
    const out = new FieldWriter(cutter.size);
    this.#cutting = true;
    const next = (error?: Error | null): void => {
      if (error !== undefined && error !== null) return;
      if (!cutter.done) return this.#write(cutter.take(out), next);
      this.#cutting = false;
      this.#goOn();
    };
    next();
  }

  #goOn(): void {
    while (!this.#cutting && this.#waiting.length > 0) this.send(this.#waiting.shift() as Message);
    if (this.#cutting) return;
    this.#onSent?.();
    this.#onSent = undefined;
  }
}

const ignored = (): void => {};
