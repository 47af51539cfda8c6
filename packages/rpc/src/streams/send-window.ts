// What is written to one stream and has not left this process. HTTP/2's window bounds what the peer has not read, but not what
// waits here until it has: that does this one. It is small, since HTTP/2's comes on top at every hop. One message may go over it: a
// larger one could never be sent.

const windowBytes = 16 * 1024;
/** Small messages cost more than their bytes. */
const windowMessages = 128;

/** Hears of more bytes, or fewer, that are written and have not left. */
export type OnUnsent = (change: number) => void;

export class SendWindow {
  readonly #onRoom: () => void;
  readonly #onUnsent: OnUnsent | undefined;
  #bytes = 0;
  #messages = 0;
  #full = false;
  #closed = false;

  /** `onRoom` is called when there is room again after `sent` has said that there is none. */
  constructor(onRoom: () => void, onUnsent: OnUnsent | undefined) {
    this.#onRoom = onRoom;
    this.#onUnsent = onUnsent;
  }

  /** A message was written. Answers whether another one may be. */
  sent(bytes: number): boolean {
    this.#bytes += bytes;
    this.#messages++;
    this.#onUnsent?.(bytes);
    this.#full = this.#bytes >= windowBytes || this.#messages >= windowMessages;
    return !this.#full;
  }

  /** A message has left. */
  left(bytes: number): void {
    if (this.#closed) return;
    this.#bytes -= bytes;
    this.#messages--;
    this.#onUnsent?.(-bytes);
    if (!this.#full || this.#bytes >= windowBytes || this.#messages >= windowMessages) return;
    this.#full = false;
    this.#onRoom();
  }

  /** The stream is over: what it still held is never told, and counts no more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#bytes !== 0) this.#onUnsent?.(-this.#bytes);
  }
}
