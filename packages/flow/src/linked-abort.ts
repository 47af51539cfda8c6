// A signal of one's own that aborts when another one does, until it is released: so that a stream can be ended for reasons beside
// its client's, and leaves no listener on a signal that lives longer.

export interface LinkedAbort {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  release(): void;
}

export function linkedAbort(signal: AbortSignal): LinkedAbort {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal.reason);
  // What has aborted already tells nobody any more.
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => signal.removeEventListener('abort', onAbort),
  };
}
