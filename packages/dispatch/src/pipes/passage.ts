// One stream of a client on its way: in line for a replica, with one, and on to the next if that refuses it, is lost or crashes before it
// has answered. Until then what it was told is kept as far as it may be told again (told-messages.ts); a stream of which nothing is
// kept any more stays where it is.
//
//   waiting ──slot──► joined ──refused, lost, crashed──► waiting
//      │                 │
//      └──── ended ◄─────┘   answered, failed, or cancelled by the client
import { type ErrorCode, toWeftError, WeftError } from '@weft/errors';
import type { Clock } from '@weft/flow';
import { requireStreamMethod } from '../lanes/call-terms.ts';
import type { VersionView } from '../replicas/inventory.ts';
import { CountedStream } from '../statistics/counted-stream.ts';
import type { KeptBytes } from './kept-bytes.ts';
import type { MoveReason, OpenPipe, Pipe, PipeEnd, PipeStart } from './pipe.ts';
import { ToldMessages } from './told-messages.ts';
import type { PlaceLease, VersionPlaces } from './version-places.ts';

/** Who counts what becomes of the streams of one model version. */
export interface StreamTally {
  responded(stream: CountedStream, nowMs: number): void;
  /** `drawn`: it named no version. `code` undefined: it was answered to its end. */
  streamed(stream: CountedStream, drawn: boolean, code: ErrorCode | undefined): void;
}

export interface PipeCall extends Omit<PipeStart, 'tellBegun'> {
  /** The client's first message. */
  readonly first: Buffer;
  /** Others may follow. */
  readonly requestStream: boolean;
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
  readonly placesOf: (view: VersionView) => Pick<VersionPlaces, 'acquire' | 'slots'>;
  readonly reached: (key: string) => OpenPipe | undefined;
  readonly budget: KeptBytes;
}

/** A stream that loses so many replicas is taken for the cause. */
const maxMoves = 2;
/** An instance has company: whoever of it was not the cause is in better company at the second one. */
const maxCrashes = 1;

interface Slot {
  readonly view: VersionView;
  readonly lease: PlaceLease;
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
  /** Not told to a replica: all there is as long as it has none. */
  #untold: Buffer[];
  #halfClosed = false;
  /** A response is asked for. */
  #reading = false;
  #joined: { readonly pipe: Pipe; readonly lease: PlaceLease; readonly told: ToldMessages } | undefined;
  #tally: StreamTally | undefined;
  #moves = 0;
  #crashes = 0;
  /** How the last replica was lost that had it. */
  #loss: WeftError | undefined;
  #ended = false;

  constructor(ways: Ways, call: PipeCall, listener: PassageListener) {
    this.#ways = ways;
    this.#call = call;
    this.#listener = listener;
    this.#counted = new CountedStream(call.method, ways.clock.now());
    this.#untold = [call.first];
    // In a turn of its own: the listener is told nothing before it has the stream.
    queueMicrotask(() => void this.#seek(undefined));
  }

  send(message: Buffer): boolean {
    if (this.#joined === undefined) {
      this.#untold.push(message);
      return false;
    }
    this.#joined.told.add(message);
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
    let lease: PlaceLease | undefined;
    try {
      const slot = await this.#awaitSlot(lost?.at);
      lease = slot?.lease;
      const open = lease === undefined ? undefined : this.#ways.reached(lease.key);
      if (this.#ended || slot === undefined || open === undefined) {
        const text = `no replica that serves ${this.#call.method} is connected`;
        throw new WeftError('UNAVAILABLE', text);
      }
      this.#join(slot.view, slot.lease, open);
    } catch (thrown) {
      lease?.release();
      const error = toWeftError(thrown);
      this.#end(error.code === 'UNAVAILABLE' && lost !== undefined ? lost.error : error);
    }
  }

  /** When the version goes away that it waits for, its client's words may mean another one. Undefined: that has no place either. */
  async #awaitSlot(avoid: string | undefined): Promise<Slot | undefined> {
    const { model, version, method, deadlineMs, tenant, priority } = this.#call;
    const { resolve, tallyOf, placesOf } = this.#ways;
    const signal = this.#leaving.signal;
    const byteSize = this.#untold.reduce((sum, message) => sum + message.length, 0);
    const terms = { deadlineMs, signal, avoid, tenant, priority, byteSize, sinceMs: this.#counted.enqueuedMs };
    const inVain = new Set<string>();
    for (;;) {
      const view = resolve(model, version);
      if (inVain.has(view.version)) return undefined;
      this.#tally = tallyOf(view);
      requireStreamMethod(view, method);
      const places = placesOf(view);
      // From here on it waits, and things may change.
      if (places.slots > 0) inVain.clear();
      inVain.add(view.version);
      const lease = await places.acquire(terms);
      if (lease !== undefined) return { view, lease };
    }
  }

  #join(view: VersionView, lease: PlaceLease, open: OpenPipe): void {
    const { onChosen, first: _, requestStream, ...start } = this.#call;
    onChosen?.(view);
    const messages = this.#untold;
    const told = new ToldMessages(messages, {
      budget: this.#ways.budget,
      asked: requestStream || lease.hearsOfBegin,
    });
    this.#counted.begun(this.#ways.clock.now());
    const pipe = open(
      { ...start, version: view.version, tellBegun: told.hearsOfBegin, patienceMs: lease.patienceMs },
      {
        onResponse: (response) => this.#onResponse(response),
        onRoom: () => this.#listener.onRoom(),
        onBegun() {
          told.begun();
          lease.begun();
        },
        onEnd: (end) => this.#onEnd(end),
      },
    );
    this.#joined = { pipe, lease, told };
    this.#untold = [];
    let room = true;
    for (const message of messages) room = pipe.send(message);
    if (this.#reading) pipe.read();
    if (this.#halfClosed) pipe.halfClose();
    else if (room) this.#listener.onRoom();
  }

  #onResponse(response: Buffer): void {
    const nowMs = this.#ways.clock.now();
    this.#tally?.responded(this.#counted, nowMs);
    this.#counted.responded(response, nowMs);
    this.#joined?.told.forget();
    this.#joined?.lease.answered();
    this.#reading = false;
    this.#listener.onResponse(response);
  }

  #onEnd(end: PipeEnd): void {
    const { error: told, move } = end;
    const joined = this.#joined;
    // That the next one refuses it is no news to whoever lost one.
    const error = move === 'unbegun' || move === 'full' ? (this.#loss ?? told) : told;
    if (move === 'lost' || move === 'crashed') this.#loss = error;
    const untold = move === undefined || !this.#mayMove(move) ? undefined : joined?.told.take(move);
    joined?.lease.release(end);
    if (error === undefined || joined === undefined || untold === undefined) this.#end(error);
    else {
      this.#joined = undefined;
      this.#untold = untold;
      void this.#seek({ at: joined.lease.key, error });
    }
  }

  #mayMove(reason: MoveReason): boolean {
    if (reason === 'full') return true;
    if (reason === 'crashed' && this.#crashes++ >= maxCrashes) return false;
    return this.#moves++ < maxMoves;
  }

  #end(error: WeftError | undefined): void {
    if (this.#ended) return;
    this.#close(error);
    this.#listener.onEnd(error);
  }

  #close(error: WeftError | undefined): void {
    this.#ended = true;
    this.#joined?.lease.release();
    this.#joined?.told.forget();
    this.#tally?.streamed(this.#counted, this.#call.version === '', error?.code);
  }
}
