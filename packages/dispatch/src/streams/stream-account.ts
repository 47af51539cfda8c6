// What one ModelStreamInfer holds in this process: its requests until they are answered, then their answers until the client has taken
// them. Beyond a limit it reads no further request. An answer may be a thousand times its request, and is known only once it is there:
// so from its arrival on a request counts as what its model has answered on this stream, and one whose model has not answered yet as
// much as lets a few of them in.
import type { OnUnsent } from '@weft/rpc';

export const streamLimit = { messages: 128, bytes: 32 * 1024 * 1024 };
/** Of an answer of a model that has given none on this stream. */
export const unseenBytes = 2 * 1024 * 1024;
/** By so much what is expected of a model falls with each smaller answer: one large answer does not make a stream slow for ever. */
const forgetting = 15 / 16;

export class StreamAccount {
  readonly #onUnsent: OnUnsent | undefined;
  readonly #expected = new Map<string, number>();
  #messages = 0;
  #bytes = 0;
  /** Of answers that are there and were not given to the client's stream. */
  #unsent = 0;
  #closed = false;

  constructor(onUnsent: OnUnsent | undefined) {
    this.#onUnsent = onUnsent;
  }

  /** No further request may come in. One may go over the limit: a larger one could never come. */
  get full(): boolean {
    return this.#messages >= streamLimit.messages || this.#bytes >= streamLimit.bytes;
  }

  get empty(): boolean {
    return this.#messages === 0;
  }

  /** A request has come. Answers what it counts. */
  enter(model: string, bytes: number): number {
    const size = Math.max(bytes, this.#expected.get(model) ?? unseenBytes);
    this.#messages++;
    this.#bytes += size;
    return size;
  }

  /** A model has given an answer of this size. Answers what is expected of its next one. */
  learn(model: string, bytes: number): number {
    const expected = Math.max(bytes, Math.floor((this.#expected.get(model) ?? 0) * forgetting));
    this.#expected.set(model, expected);
    return expected;
  }

  /** A request that counted `before` from now on counts otherwise: as its answer, or as the next one that is expected. */
  become(before: number, bytes: number): void {
    this.#bytes += bytes - before;
  }

  /** A message for the client is there. */
  hold(bytes: number): void {
    this.#change(bytes);
  }

  /** It was given to the client's stream, which counts it from there on. */
  give(bytes: number): void {
    this.#change(-bytes);
  }

  /** A request, with what it counts, is done with. */
  leave(size: number): void {
    this.#messages--;
    this.#bytes -= size;
  }

  /** The stream is over: nobody will take what it still holds. */
  close(): void {
    if (this.#unsent !== 0) this.#change(-this.#unsent);
    this.#closed = true;
  }

  #change(bytes: number): void {
    if (this.#closed) return;
    this.#unsent += bytes;
    this.#onUnsent?.(bytes);
  }
}
