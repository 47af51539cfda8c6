// Time as a parameter: whatever waits or measures takes a Clock, and tests move one by hand.

export interface Clock {
  /** Milliseconds on a monotonic scale. */
  now(): number;
  /** Calls `wake` once after `delayMs`, or after 24 days if that is longer; the returned function cancels that. */
  setTimer(delayMs: number, wake: () => void): () => void;
}

/** performance.now() and setTimeout; its timers do not keep a process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(delayMs, wake) {
    // Clients choose deadlines, and setTimeout wakes at once where a delay is longer than it can count.
    const timer = setTimeout(wake, Math.min(Math.max(delayMs, 0), longestDelayMs));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

const longestDelayMs = 24 * 24 * 3600 * 1000;
