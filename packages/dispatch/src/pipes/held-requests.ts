// The requests of a stream, so that they can be told twice: as long as only the first message has been taken, and that is not too
// large to be kept, a replica that is lost can be followed by another one, which gets it again.

/** A larger message is not kept. */
const heldBytes = 1024 * 1024;

export class HeldRequests {
  readonly #source: AsyncIterator<Buffer>;
  #first: Buffer | undefined;
  /** The next message on its way: whoever reads now gets it, not who asked. */
  #pending: Promise<IteratorResult<Buffer>> | undefined;
  #reader = 0;
  #movable: boolean;

  /** `first` was taken from the source already. */
  constructor(first: Buffer, source: AsyncIterator<Buffer>) {
    this.#first = first;
    this.#source = source;
    this.#movable = first.length <= heldBytes;
  }

  /** Whether all that was taken so far can be told again. */
  get movable(): boolean {
    return this.#movable;
  }

  /** Something was answered: nothing needs to be kept any more. */
  settle(): void {
    this.#movable = false;
    this.#first = undefined;
  }

  /** All requests, for a new reader; who read before gets no more. To be called once, and again only while `movable`. */
  async *read(): AsyncGenerator<Buffer, void, undefined> {
    const reader = ++this.#reader;
    const first = this.#first;
    if (!this.#movable) this.#first = undefined;
    if (first !== undefined) yield first;
    for (;;) {
      this.#pending ??= this.#source.next();
      const next = await this.#pending;
      if (reader !== this.#reader) return;
      this.#pending = undefined;
      if (next.done === true) {
        // Told again, the end comes again.
        this.#pending = Promise.resolve(next);
        return;
      }
      this.settle();
      yield next.value;
    }
  }
}
