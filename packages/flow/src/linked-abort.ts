// A signal of one's own that aborts when one of others does, until it is released: so that work can be ended for further reasons,
// and leaves no listener on a signal that lives longer. AbortSignal.any is not for that: what it makes of a signal that lives as long
// as the process stays in memory as long (Node 20).

export interface LinkedAbort {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  release(): void;
}

export function linkedAbort(...signals: readonly AbortSignal[]): LinkedAbort {
  const controller = new AbortController();
  const releases = signals.map((signal) => {
    const onAbort = (): void => controller.abort(signal.reason);
    // What has aborted already tells nobody any more.
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => {
      for (const release of releases) release();
    },
  };
}
