// A sequence that ends when a signal says so, at once: also while its source has nothing to give, as a camera that pauses.

export async function* whileWanted<T>(
  source: AsyncIterable<T>,
  unwanted: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const items = source[Symbol.asyncIterator]();
  let onAbort = (): void => {};
  const over = new Promise<undefined>((resolve) => (onAbort = () => resolve(undefined)));
  unwanted.addEventListener('abort', onAbort, { once: true });
  if (unwanted.aborted) onAbort();
  try {
    for (;;) {
      const next = items.next();
      const item = await Promise.race([over, next]);
      if (item === undefined || unwanted.aborted) {
        // What it says now is nobody's.
        next.catch(() => {});
        return;
      }
      if (item.done === true) return;
      yield item.value;
    }
  } finally {
    unwanted.removeEventListener('abort', onAbort);
    // Not awaited: it may still wait for its next item.
    items.return?.()?.catch(() => {});
  }
}
