// What leaves on a Pipe, in order. One message of the transport is on its way at a time; what comes meanwhile leaves together in the
// next one. So a stream of a message now and then loses no time, and one of many small messages costs little for each.
import { type OnUnsent, SendWindow } from '../streams/send-window.ts';
import { bytesFieldSize, FieldWriter } from '../wire/write.ts';
import { fragmentsOf, travelsWhole } from './fragments.ts';

/** Writes to the stream, and calls back when it has left. */
export type WritePipe = (bytes: Buffer, onLeft: () => void) => void;

export interface PipeSenderOptions {
  readonly write: WritePipe;
  /** The number of the field that holds a message. */
  readonly field: number;
  /** More may be sent, after `send` has said no. */
  readonly onRoom: () => void;
  readonly onUnsent: OnUnsent | undefined;
}

/** Gathered up to so many: the other end takes in all of them at once. */
const gatheredBytes = 16 * 1024;

interface Waiting {
  readonly bytes: Buffer;
  /** A message is the content of the field; the others are encoded already, and a piece of a message leaves alone. */
  readonly kind: 'message' | 'part' | 'piece';
  /** How much of the window is free again when it has left; undefined when that is another one's. */
  readonly frees: number | undefined;
}

export class PipeSender {
  readonly #options: PipeSenderOptions;
  readonly #window: SendWindow;
  #waiting: Waiting[] = [];
  #leaving: readonly Waiting[] | undefined;
  #closed = false;
  readonly #onLeft = (): void => this.#left();

  constructor(options: PipeSenderOptions) {
    this.#options = options;
    this.#window = new SendWindow(options.onRoom, options.onUnsent);
  }

  /** A message of the stream. Answers whether there is room for another one. */
  send(message: Buffer): boolean {
    if (this.#closed) return false;
    const frees = message.length;
    const room = this.#window.sent(frees);
    if (travelsWhole(message)) this.#waiting.push({ bytes: message, kind: 'message', frees });
    else this.#cut(message);
    this.#goOn();
    return room;
  }

  /** Another part, encoded. `along`: it leaves with the first message that follows. */
  put(bytes: Buffer, along = false): void {
    if (this.#closed) return;
    this.#waiting.push({ bytes, kind: 'part', frees: undefined });
    if (!along) this.#goOn();
  }

  /** What has not left need not any more. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#window.close();
  }

  #cut(message: Buffer): void {
    const head = new FieldWriter(bytesFieldSize(message.length) - message.length);
    head.open(this.#options.field, message.length);
    const pieces = fragmentsOf([head.bytes, message]);
    for (const [index, bytes] of pieces.entries())
      this.#waiting.push({ bytes, kind: 'piece', frees: index === pieces.length - 1 ? message.length : undefined });
  }

  #goOn(): void {
    if (this.#leaving !== undefined || this.#waiting.length === 0) return;
    const count = this.#gathered();
    const leaving = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#leaving = leaving;
    this.#options.write(encoded(leaving, this.#options.field), this.#onLeft);
  }

  /** How many of those that wait leave together. */
  #gathered(): number {
    let size = 0;
    let count = 0;
    for (const { bytes, kind } of this.#waiting) {
      size += bytes.length;
      if (count > 0 && (kind === 'piece' || size > gatheredBytes)) break;
      count++;
      if (kind === 'piece') break;
    }
    return count;
  }

  #left(): void {
    const left = this.#leaving ?? [];
    this.#leaving = undefined;
    if (this.#closed) return;
    // What waits leaves before there is room for more: then that is gathered.
    this.#goOn();
    for (const { frees } of left) if (frees !== undefined) this.#window.left(frees);
  }
}

function encoded(parts: readonly Waiting[], field: number): Buffer {
  const only = parts[0];
  if (parts.length === 1 && only !== undefined && only.kind !== 'message') return only.bytes;
  const size = parts.reduce(
    (sum, { bytes, kind }) => sum + (kind === 'message' ? bytesFieldSize(bytes.length) : bytes.length),
    0,
  );
  // It stays in this thread: it may lie in the pool.
  const out = new FieldWriter(size, Buffer.allocUnsafe(size));
  for (const { bytes, kind } of parts) {
    if (kind === 'message') out.open(field, bytes.length);
    out.at += bytes.copy(out.bytes, out.at);
  }
  return out.bytes;
}
