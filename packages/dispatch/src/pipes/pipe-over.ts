// A pipe made of sequences, as tasks and workers have them: each read asks for the next response, and there is room for the next
// request when the one before was taken.
import { toWeftError, type WeftError } from '@weft/errors';
import type { MoveReason, Pipe, PipeListener } from './pipe.ts';

export interface SequencedStream {
  /** Throws a WeftError when the stream fails. Leaving it, or aborting the signal, ends the stream. */
  readonly responses: AsyncIterable<Buffer>;
  /** After a failure: why another replica may have it. */
  move(): MoveReason | undefined;
}

export type BeginStream = (requests: AsyncIterable<Buffer>, signal: AbortSignal) => SequencedStream;

export function pipeOver(begin: BeginStream, listener: PipeListener): Pipe {
  const leaving = new AbortController();
  let ended = false;
  const requests = new Requests(() => {
    if (!ended) listener.onRoom();
  });
  const stream = begin(requests.read(), leaving.signal);
  const source = stream.responses[Symbol.asyncIterator]();
  const end = (error: WeftError | undefined): void => {
    if (ended) return;
    ended = true;
    requests.end();
    listener.onEnd({ error, move: error === undefined ? undefined : stream.move() });
  };
  const onNext = (next: IteratorResult<Buffer>): void => {
    if (next.done === true) end(undefined);
    else if (!ended) listener.onResponse(next.value);
  };
  return {
    send: (message) => requests.put(message),
    halfClose: () => requests.end(),
    read: () => void source.next().then(onNext, (thrown: unknown) => end(toWeftError(thrown))),
    cancel(reason) {
      if (ended) return;
      ended = true;
      leaving.abort(reason);
      requests.end();
      // What it throws on its way out, it throws because it was told to.
      source.return?.().catch(() => {});
    },
  };
}

/** One at a time. */
class Requests {
  readonly #onRoom: () => void;
  #waiting: Buffer[] = [];
  #ended = false;
  #wake: () => void = () => {};

  constructor(onRoom: () => void) {
    this.#onRoom = onRoom;
  }

  put(message: Buffer): boolean {
    this.#waiting.push(message);
    this.#wake();
    return false;
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *read(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        yield next;
        if (this.#waiting.length === 0) this.#onRoom();
      } else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
