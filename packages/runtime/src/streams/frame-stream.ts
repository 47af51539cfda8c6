// One end of a stream between a service's main thread and a worker. A port between threads takes whatever is posted, so what may
// be on its way is bounded by a window of messages and of bytes: who sends waits for credit, and credit comes back as the other
// end's reader takes messages. The same on both sides.
import { owned } from '../owned.ts';
import type { StreamFrame } from './stream-frame.ts';

/** What may be on its way in one direction. One message may exceed the bytes: it could never be sent otherwise. */
const streamWindow = { messages: 16, bytes: 16 * 1024 };

export interface FramePort {
  post(frame: StreamFrame, transfer?: readonly ArrayBuffer[]): void;
  /** There are so many more bytes here, or fewer: taken in and not read, or sent and not taken at the other end. */
  onBuffered?(change: number): void;
}

export class FrameStream {
  readonly #port: FramePort;
  readonly #credit = { ...streamWindow };
  /** Taken by the reader, and not told yet. */
  readonly #taken = { messages: 0, bytes: 0 };
  #inbox: Uint8Array[] = [];
  #inEnded = false;
  #outEnded = false;
  #failure: Error | undefined;
  #buffered = 0;
  #onCredit: () => void = () => {};
  #onArrival: () => void = () => {};

  constructor(port: FramePort) {
    this.#port = port;
  }

  /** Resolves when it is sent: true, or false when the other end wants no more. Throws what the stream failed with. */
  async send(message: Uint8Array): Promise<boolean> {
    while (!this.#outEnded && this.#failure === undefined && (this.#credit.messages <= 0 || this.#credit.bytes <= 0))
      await new Promise<void>((resolve) => (this.#onCredit = resolve));
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#outEnded) return false;
    const bytes = owned(message);
    this.#credit.messages--;
    this.#credit.bytes -= bytes.length;
    this.#buffer(bytes.length);
    this.#port.post({ kind: 'message', bytes }, [bytes.buffer as ArrayBuffer]);
    return true;
  }

  /** Nothing more is sent; the other end hears of it, unless it has ended the stream itself. */
  end(frame: Extract<StreamFrame, { kind: 'end' }> = { kind: 'end' }): void {
    if (this.#outEnded) return;
    this.#stopSending();
    this.#port.post(frame);
  }

  /** Of the other end, but for `cancel`. */
  receive(frame: StreamFrame): void {
    if (frame.kind === 'message') {
      if (this.#inEnded) return;
      this.#inbox.push(frame.bytes);
      this.#buffer(frame.bytes.length);
      this.#onArrival();
    } else if (frame.kind === 'credit') {
      this.#credit.messages += frame.messages;
      this.#credit.bytes += frame.bytes;
      this.#buffer(-frame.bytes);
      this.#onCredit();
    } else if (frame.kind === 'end') {
      this.#inEnded = true;
      this.#onArrival();
    }
  }

  /** The other end is done with it: what it sent before is still read, and then the failure. */
  close(failure?: Error): void {
    this.#failure ??= failure;
    this.#inEnded = true;
    this.#stopSending();
    this.#onArrival();
    const unread = this.#inbox.reduce((sum, { length }) => sum + length, 0);
    this.#buffer(unread - this.#buffered);
  }

  /** This end is done with it: whoever sends or reads here hears of it at once. The other end does not. */
  cancel(failure: Error): void {
    this.#failure ??= failure;
    this.#inEnded = true;
    this.#inbox = [];
    this.#onCredit();
    this.#onArrival();
    this.#buffer(-this.#buffered);
  }

  /** The other end's messages, for one reader. */
  async *messages(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const next = this.#inbox.shift();
      if (next !== undefined) {
        this.#take(next.length);
        yield Buffer.from(next.buffer, next.byteOffset, next.byteLength);
      } else if (this.#failure !== undefined) throw this.#failure;
      else if (this.#inEnded) return;
      else await new Promise<void>((resolve) => (this.#onArrival = resolve));
    }
  }

  #take(bytes: number): void {
    this.#buffer(-bytes);
    this.#taken.messages++;
    this.#taken.bytes += bytes;
    // Half a window at a time: one frame for each message would double what crosses.
    if (this.#taken.messages < streamWindow.messages / 2 && this.#taken.bytes < streamWindow.bytes / 2) return;
    if (!this.#inEnded) this.#port.post({ kind: 'credit', ...this.#taken });
    Object.assign(this.#taken, { messages: 0, bytes: 0 });
  }

  #stopSending(): void {
    this.#outEnded = true;
    this.#onCredit();
  }

  /** Never below nothing: what was dropped is counted once. */
  #buffer(change: number): void {
    const bounded = Math.max(change, -this.#buffered);
    this.#buffered += bounded;
    if (bounded !== 0) this.#port.onBuffered?.(bounded);
  }
}
