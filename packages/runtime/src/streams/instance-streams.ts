// The main thread's side of the streams of one instance: opens them in its worker, passes messages on unread, and answers for the
// worker when it dies. A stream has ended when the worker says so: until then its code may still be at it, whoever has left.
import { refusal, toWeftError, type WeftError } from '@weft/errors';
import { FrameStream } from './frame-stream.ts';
import { errorOf, failureOf, type StreamFrame, type StreamStart } from './stream-frame.ts';

/** What is counted of streams. */
export interface StreamMeter {
  onOpened(): void;
  onEnded(): void;
  onRequest(): void;
  onResponse(): void;
  /** More bytes are kept for streams here, or fewer. */
  onBuffered(change: number): void;
}

export type PostStream = (
  message:
    | { readonly kind: 'stream_open'; readonly stream: number; readonly start: StreamStart }
    | { readonly kind: 'stream'; readonly stream: number; readonly frame: StreamFrame },
  transfer?: readonly ArrayBuffer[],
) => void;

export interface InstanceStream {
  readonly start: StreamStart;
  readonly requests: AsyncIterable<Buffer>;
  readonly signal: AbortSignal;
  /** Called once, when the worker is done with it or dead: `crashed`. Its responses tell of the end later. */
  readonly onEnded: (crashed: boolean) => void;
}

export class InstanceStreams {
  readonly #post: PostStream;
  readonly #meter: StreamMeter | undefined;
  readonly #open = new Map<number, { readonly frames: FrameStream; readonly onEnded: (crashed: boolean) => void }>();
  #nextId = 1;

  constructor(post: PostStream, meter: StreamMeter | undefined) {
    this.#post = post;
    this.#meter = meter;
  }

  /** The responses. The stream begins at once, and must be read or returned. Throws a WeftError. */
  open({ start, requests, signal, onEnded }: InstanceStream): AsyncGenerator<Buffer, void, undefined> {
    const id = this.#nextId++;
    const frames = new FrameStream({
      post: (frame, transfer) => this.#post({ kind: 'stream', stream: id, frame }, transfer),
      onBuffered: (change) => this.#meter?.onBuffered(change),
    });
    this.#open.set(id, { frames, onEnded });
    this.#meter?.onOpened();
    this.#post({ kind: 'stream_open', stream: id, start });
    let cancelled = false;
    const cancel = (reason: unknown): void => {
      if (cancelled) return;
      cancelled = true;
      const error = toWeftError(reason);
      frames.cancel(error);
      const frame = { kind: 'cancel', failure: failureOf(error) } as const;
      if (this.#open.has(id)) this.#post({ kind: 'stream', stream: id, frame });
    };
    const onAbort = (): void => cancel(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    void this.#send(requests, frames).catch(cancel);
    return this.#responses(frames, () => {
      signal.removeEventListener('abort', onAbort);
      if (this.#open.has(id)) cancel(refusal('CANCELLED', 'the client has gone'));
    });
  }

  receive(id: number, frame: StreamFrame): void {
    const stream = this.#open.get(id);
    if (stream === undefined) return;
    if (frame.kind === 'end') this.#end(id, frame.failure === undefined ? undefined : errorOf(frame.failure), false);
    else stream.frames.receive(frame);
  }

  /** The worker is dead. */
  fail(error: WeftError): void {
    for (const id of [...this.#open.keys()]) this.#end(id, error, true);
  }

  #end(id: number, error: WeftError | undefined, crashed: boolean): void {
    const stream = this.#open.get(id);
    this.#open.delete(id);
    this.#meter?.onEnded();
    stream?.frames.close(error);
    stream?.onEnded(crashed);
  }

  async #send(requests: AsyncIterable<Buffer>, frames: FrameStream): Promise<void> {
    for await (const request of requests) {
      this.#meter?.onRequest();
      if (!(await frames.send(request))) return;
    }
    frames.end();
  }

  async *#responses(frames: FrameStream, leave: () => void): AsyncGenerator<Buffer, void, undefined> {
    try {
      for await (const response of frames.messages()) {
        this.#meter?.onResponse();
        yield response;
      }
    } finally {
      leave();
    }
  }
}
