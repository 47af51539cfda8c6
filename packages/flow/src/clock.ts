// Time as a parameter: whatever waits or measures takes a Clock, and tests move one by hand.

export interface Clock {
  /** Milliseconds on a monotonic scale. */
  now(): number;
  /** Calls `wake` once after `delayMs`; the returned function cancels that. */
  setTimer(delayMs: number, wake: () => void): () => void;
}

/** performance.now() and setTimeout; its timers do not keep a process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(delayMs, wake) {
    const timer = setTimeout(wake, Math.max(delayMs, 0));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
