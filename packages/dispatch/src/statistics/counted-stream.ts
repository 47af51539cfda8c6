// One stream as the counts see it, from its arrival to its end: when it came, when it got a place, and of a request to a decoupled
// model the place and the time of each response.
import { streamInferPath } from '@weft/rpc';
import type { ErrorCode } from '@weft/errors';
import { finalFlagOf } from '../streams/stream-response.ts';
import type { CountedCall } from './counted-call.ts';

/** Who counts what becomes of streams. */
export interface StreamCounts {
  /** Before the stream itself hears of the response. */
  responded(stream: CountedStream, nowMs: number): void;
  /** `code` undefined: it was answered to its end. */
  streamed(stream: CountedStream, code: ErrorCode | undefined, nowMs: number): void;
}

/** Responses from this one on are counted together: there is no telling how many a stream has. */
const mostPlaces = 1000;

export class CountedStream implements CountedCall {
  /** A request is one, and of the messages of a typed stream nobody knows what they are. */
  readonly rows = 1;
  readonly enqueuedMs: number;
  /** When it got a place, the last one that it had; undefined when it never did. */
  sentMs: number | undefined;
  /** When its first response went by. */
  firstMs: number | undefined;
  /** When the last one did, or it began. */
  lastMs: number;
  readonly #numbered: boolean;
  #responses = 0;
  #last: Buffer | undefined;

  constructor(method: string, nowMs: number) {
    this.enqueuedMs = nowMs;
    this.lastMs = nowMs;
    this.#numbered = method === streamInferPath;
  }

  begun(nowMs: number): void {
    this.sentMs = nowMs;
    this.lastMs = nowMs;
  }

  responded(response: Buffer, nowMs: number): void {
    this.#responses += 1;
    this.#last = response;
    this.firstMs ??= nowMs;
    this.lastMs = nowMs;
  }

  /** Of the next response among those of its request, from 0; undefined where they have none. */
  get place(): number | undefined {
    return this.#numbered ? Math.min(this.#responses, mostPlaces) : undefined;
  }

  /** Whether its end is a response of its own, which is empty: none before said that it is the final one. */
  get endsEmpty(): boolean {
    return this.#numbered && (this.#last === undefined || finalFlagOf(this.#last) !== true);
  }
}
