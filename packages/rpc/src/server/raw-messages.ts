// A stream of undecoded messages as a sequence that is read as fast as it is asked, and ends with CANCELLED when its peer goes.
import { setImmediate } from 'node:timers/promises';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { refusal, type WeftError } from '@weft/errors';

/** A bidirectional stream of undecoded messages. */
export type RawStream = ServerDuplexStream<Buffer, Buffer>;

/** `signal` aborts when the client has gone, or nobody is to read any more. */
export async function* rawMessages(call: RawStream, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
  // Who reads only the first messages may still answer.
  const messages = call.iterator({ destroyOnReturn: false });
  // One listener, whose target changes: racing each message against one promise would keep them all until the stream ends.
  let leave = (): void => {};
  signal.addEventListener('abort', () => leave(), { once: true });
  for (;;) {
    const next = await new Promise<IteratorResult<unknown>>((resolve, reject) => {
      leave = () => reject(clientGone());
      messages.next().then(resolve, reject);
      if (signal.aborted) leave();
    });
    if (next.done === true) {
      // A client that goes away in the middle looks as if it had ended, and a turn later as what it is.
      await setImmediate();
      if (call.cancelled || call.destroyed) throw clientGone();
      return;
    }
    yield next.value as Buffer;
  }
}

export function clientGone(): WeftError {
  return refusal('CANCELLED', 'the client has gone');
}
