// What a router keeps of streams so that they can be told again elsewhere: one budget of bytes for all of them. It is asked, never
// waited for: a stream that finds no room in it is not kept, and stays where it is once an instance has it.

export class KeptBytes {
  readonly #most: number;
  #kept = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get kept(): number {
    return this.#kept;
  }

  /** Whether there was room; then they are to be given back. */
  take(bytes: number): boolean {
    if (this.#kept + bytes > this.#most) return false;
    this.#kept += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#kept -= bytes;
  }
}
