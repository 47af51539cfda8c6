// One stream of a client on its way: in line for a replica, with one, and on to the next if that is lost before it has answered. Until
// then the client's first message is kept, so that it can be told again; once a second one was told, or something answered, the
// stream stays where it is.
//
//   waiting ──slot──► joined ──lost, movable──► waiting
//      │                 │
//      └──── ended ◄─────┘   answered, failed, or cancelled by the client
import { type ErrorCode, toWeftError, WeftError } from '@weft/errors';
import type { Clock } from '@weft/flow';
import { requireStreamMethod } from '../call-terms.ts';
import type { VersionView } from '../inventory.ts';
import { CountedStream } from '../statistics/counted-stream.ts';
import type { OpenPipe, Pipe, PipeEnd, PipeStart } from './pipe.ts';
import type { Lease, SlotQueue } from './slot-queue.ts';

/** Who counts what becomes of the streams of one model version. */
export interface StreamTally {
  responded(stream: CountedStream, nowMs: number): void;
  /** `drawn`: it named no version. `code` undefined: it was answered to its end. */
  streamed(stream: CountedStream, drawn: boolean, code: ErrorCode | undefined): void;
}

export interface PipeCall extends PipeStart {
  /** The client's first message. */
  readonly first: Buffer;
  /** Hears which version answers; once more when the stream moves on. */
  readonly onChosen?: ((view: VersionView) => void) | undefined;
}

/** Hears nothing before the stream was given, and nothing after its end. */
export interface PassageListener {
  /** The answer to a `read`. */
  onResponse(response: Buffer): void;
  /** The next message may be sent: the first time as well. */
  onRoom(): void;
  /** `error` undefined: it was answered to its end. */
  onEnd(error: WeftError | undefined): void;
}

/** Where it may go. */
export interface Ways {
  readonly clock: Clock;
  /** Throws why there is none. */
  readonly resolve: (model: string, version: string) => VersionView;
  readonly tallyOf: (view: VersionView) => StreamTally;
  readonly queueOf: (view: VersionView) => SlotQueue<string>;
  readonly reached: (key: string) => OpenPipe | undefined;
}

/** A larger first message is not kept. */
const keptBytes = 1024 * 1024;
/** A stream that loses so many replicas is taken for the cause. */
const maxMoves = 2;

interface Slot {
  readonly view: VersionView;
  readonly lease: Lease<string>;
}

interface Lost {
  readonly at: string;
  readonly error: WeftError;
}

export class Passage implements Pipe {
  readonly #ways: Ways;
  readonly #call: PipeCall;
  readonly #listener: PassageListener;
  readonly #counted: CountedStream;
  readonly #leaving = new AbortController();
  /** Not told to the replica that it has: the first message, and the next where one came between two replicas. */
  #untold: Buffer[];
  /** The first message, as long as the stream may move. */
  #first: Buffer | undefined;
  #halfClosed = false;
  /** A response is asked for. */
  #reading = false;
  #joined: { readonly pipe: Pipe; readonly lease: Lease<string> } | undefined;
  #tally: StreamTally | undefined;
  #moves = 0;
  #ended = false;

  constructor(ways: Ways, call: PipeCall, listener: PassageListener) {
    this.#ways = ways;
    this.#call = call;
    this.#listener = listener;
    this.#counted = new CountedStream(call.method, ways.clock.now());
    this.#first = call.first;
    this.#untold = [call.first];
    // In a turn of its own: the listener is told nothing before it has the stream.
    queueMicrotask(() => void this.#seek(undefined));
  }

  send(message: Buffer): boolean {
    if (this.#joined === undefined) {
      this.#untold.push(message);
      return false;
    }
    this.#first = undefined;
    return this.#joined.pipe.send(message);
  }

  halfClose(): void {
    this.#halfClosed = true;
    this.#joined?.pipe.halfClose();
  }

  read(): void {
    this.#reading = true;
    this.#joined?.pipe.read();
  }

  cancel(reason: WeftError): void {
    if (this.#ended) return;
    this.#leaving.abort(reason);
    this.#joined?.pipe.cancel(reason);
    this.#close(reason);
  }

  /** Waits for a slot at a replica other than the one that was lost, and joins it. */
  async #seek(lost: Lost | undefined): Promise<void> {
    if (this.#ended) return;
    let lease: Lease<string> | undefined;
    try {
      const slot = await this.#awaitSlot(lost?.at);
      lease = slot?.lease;
      const open = lease === undefined ? undefined : this.#ways.reached(lease.key);
      if (this.#ended || slot === undefined || open === undefined) {
        const text = `no replica that serves ${this.#call.method} is connected`;
        throw lost?.error ?? new WeftError('UNAVAILABLE', text);
      }
      this.#join(slot.view, slot.lease, open);
    } catch (thrown) {
      lease?.release();
      this.#end(toWeftError(thrown));
    }
  }

  /** When the version goes away that it waits for, its client's words may mean another one. Undefined: that has no place either. */
  async #awaitSlot(avoid: string | undefined): Promise<Slot | undefined> {
    const { model, version, method, deadlineMs, tenant, priority } = this.#call;
    const { resolve, tallyOf, queueOf } = this.#ways;
    const signal = this.#leaving.signal;
    const byteSize = this.#untold.reduce((sum, message) => sum + message.length, 0);
    const terms = { deadlineMs, signal, avoid, tenant, priority, byteSize, sinceMs: this.#counted.enqueuedMs };
    const inVain = new Set<string>();
    for (;;) {
      const view = resolve(model, version);
      if (inVain.has(view.version)) return undefined;
      this.#tally = tallyOf(view);
      requireStreamMethod(view, method);
      const queue = queueOf(view);
      // From here on it waits, and things may change.
      if (queue.slots > 0) inVain.clear();
      inVain.add(view.version);
      const lease = await queue.acquire(terms);
      if (lease !== undefined) return { view, lease };
    }
  }

  #join(view: VersionView, lease: Lease<string>, open: OpenPipe): void {
    const { onChosen, first: _, ...start } = this.#call;
    onChosen?.(view);
    this.#counted.begun(this.#ways.clock.now());
    const pipe = open(
      { ...start, version: view.version },
      {
        onResponse: (response) => this.#onResponse(response),
        onRoom: () => this.#listener.onRoom(),
        onEnd: (end) => this.#onEnd(end),
      },
    );
    this.#joined = { pipe, lease };
    let room = true;
    for (const message of this.#untold) room = pipe.send(message);
    if (this.#untold.length > 1 || this.#call.first.length > keptBytes) this.#first = undefined;
    this.#untold = [];
    if (this.#reading) pipe.read();
    if (this.#halfClosed) pipe.halfClose();
    else if (room) this.#listener.onRoom();
  }

  #onResponse(response: Buffer): void {
    const nowMs = this.#ways.clock.now();
    this.#tally?.responded(this.#counted, nowMs);
    this.#counted.responded(response, nowMs);
    this.#first = undefined;
    this.#reading = false;
    this.#listener.onResponse(response);
  }

  #onEnd({ error, movable }: PipeEnd): void {
    const at = this.#joined?.lease.key ?? '';
    if (error === undefined || !movable || this.#first === undefined || this.#moves++ >= maxMoves) this.#end(error);
    else {
      this.#joined?.lease.release();
      this.#joined = undefined;
      this.#untold = [this.#first];
      void this.#seek({ at, error });
    }
  }

  #end(error: WeftError | undefined): void {
    if (this.#ended) return;
    this.#close(error);
    this.#listener.onEnd(error);
  }

  #close(error: WeftError | undefined): void {
    this.#ended = true;
    this.#joined?.lease.release();
    this.#tally?.streamed(this.#counted, this.#call.version === '', error?.code);
  }
}
