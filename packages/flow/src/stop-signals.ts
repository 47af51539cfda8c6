// What a signal to stop means to a process that may have had one before. One Ctrl-C reaches a process more than once: from the
// terminal, and again from npm or timeout, which pass it on. Only what comes later than that is somebody's impatience.

/** `repeated`: the first one once more. */
export type StopSignal = 'first' | 'repeated' | 'impatient';

const sameSignalMs = 1_000;

/** To be called at each signal, of whatever kind. `now`: milliseconds on a monotonic scale. */
export function stopSignals(now: () => number): () => StopSignal {
  let firstMs: number | undefined;
  return () => {
    if (firstMs !== undefined) return now() - firstMs < sameSignalMs ? 'repeated' : 'impatient';
    firstMs = now();
    return 'first';
  };
}
