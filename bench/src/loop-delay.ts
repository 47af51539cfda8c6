// What a histogram of an event loop's delay says. Each of its values is the time between two ticks of a timer, so a loop that
// stood still for a second shows as one value among thousands: beside the percentiles stands the share of the time that
// passed while the loop was late, which is what an event that comes at any moment meets.
import type { Histogram } from 'node:perf_hooks';

export interface LoopDelay {
  readonly samples: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Share of the time (0..1) that lies in delays over `lateMs`. */
  readonly lateShare: number;
}

export const lateMs = 20;

/** Of a histogram in nanoseconds. */
export function readLoopDelay(histogram: Histogram): LoopDelay {
  const at = (percentile: number): number => histogram.percentile(percentile) / 1e6;
  let wholeMs = 0;
  let inLateMs = 0;
  // A histogram does not give out its values, but as many percentiles as it has values are those.
  for (let rank = 1; rank <= histogram.count; rank++) {
    const delayMs = at((rank / histogram.count) * 100);
    wholeMs += delayMs;
    if (delayMs > lateMs) inLateMs += delayMs;
  }
  const lateShare = wholeMs === 0 ? 0 : inLateMs / wholeMs;
  return { samples: histogram.count, p50Ms: at(50), p99Ms: at(99), maxMs: histogram.max / 1e6, lateShare };
}
