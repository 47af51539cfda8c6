// How much time the machine withheld from a test: by how much its own timers were late. A promise that counts in
// milliseconds can only be kept by processes that get to run.

const everyMs = 10;

export interface WithheldTime {
  /** Milliseconds withheld between two instants. */
  between(fromMs: number, toMs: number): number;
  stop(): void;
}

/** `now` is the clock of the instants. */
export function watchWithheldTime(now: () => number): WithheldTime {
  const late: { readonly atMs: number; readonly ms: number }[] = [];
  let lastMs = now();
  const timer = setInterval(() => {
    const nowMs = now();
    const ms = nowMs - lastMs - everyMs;
    // A timer is never on time to the millisecond.
    if (ms > 2) late.push({ atMs: nowMs, ms });
    lastMs = nowMs;
  }, everyMs);
  return {
    between(fromMs, toMs) {
      const within = late.filter(({ atMs, ms }) => atMs > fromMs && atMs - ms < toMs);
      return within.reduce((sum, { atMs, ms }) => sum + Math.min(atMs, toMs) - Math.max(atMs - ms, fromMs), 0);
    },
    stop: () => clearInterval(timer),
  };
}
