// Serves a stream by a function from a sequence of requests to one of responses: each is asked for when the one before is done with.
import { refusal, type WeftError } from '@weft/errors';
import type { ServerStream } from './server-stream.ts';

/**
 * `requests` throws CANCELLED when the client goes; `signal` aborts then, and when nobody is to read any more.
 */
export type AnswerInSequence = (requests: AsyncIterable<Buffer>, signal: AbortSignal) => AsyncIterable<Buffer>;

export function answerInSequence(stream: ServerStream, answer: AnswerInSequence): void {
  const gone = new AbortController();
  let onRoom = (): void => {};
  let onNext = (_message: Buffer | undefined): void => {};
  stream.listen({
    onMessage: (message) => onNext(message),
    onHalfClose: () => onNext(undefined),
    onRoom: () => onRoom(),
    onGone() {
      gone.abort(clientGone());
      onRoom();
    },
  });
  async function* requests(): AsyncGenerator<Buffer, void, undefined> {
    // One listener, whose target changes: one for each message would be kept until the stream ends.
    let leave = (): void => {};
    gone.signal.addEventListener('abort', () => leave(), { once: true });
    for (;;) {
      const next = await new Promise<Buffer | undefined>((resolve, reject) => {
        onNext = resolve;
        leave = () => reject(clientGone());
        if (gone.signal.aborted) leave();
        else stream.read();
      });
      if (next === undefined) return;
      yield next;
    }
  }
  const respond = async (): Promise<void> => {
    for await (const response of answer(requests(), gone.signal)) {
      if (gone.signal.aborted) return;
      if (!stream.send(response) && !gone.signal.aborted) await new Promise<void>((resolve) => (onRoom = resolve));
    }
    stream.end();
  };
  respond()
    .catch((thrown: unknown) => stream.end(thrown))
    .finally(() => gone.abort(clientGone()));
}

function clientGone(): WeftError {
  return refusal('CANCELLED', 'the client has gone');
}
