// Writes a sequence of messages to a gRPC stream no faster than they leave: the next one is asked for when little enough of
// those before is still unsent. Node's own measure counts messages and not their bytes, which for images is no bound.
import type { Writable } from 'node:stream';

/** Beyond this the writer waits. */
const unsentLimit = { messages: 8, bytes: 1024 * 1024 };

/** Resolves when all are written, or at once when `signal` aborts; rejects with what `messages` throws. Does not end the stream. */
export async function sendAll(
  stream: Pick<Writable, 'write'>,
  messages: AsyncIterable<Uint8Array>,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const unsent = { messages: 0, bytes: 0 };
  let wake = (): void => {};
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const message of messages) {
      if (signal.aborted) return;
      unsent.messages++;
      unsent.bytes += message.length;
      stream.write(message, () => {
        unsent.messages--;
        unsent.bytes -= message.length;
        wake();
      });
      while ((unsent.messages >= unsentLimit.messages || unsent.bytes >= unsentLimit.bytes) && !signal.aborted)
        await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
