// What the measured times of batches say: the line a + c·b through them, and the size from which more is no gain.

export interface BatchTime {
  readonly rows: number;
  readonly ms: number;
}

export interface Line {
  /** What a batch costs beside its rows. */
  readonly startMs: number;
  readonly perRowMs: number;
}

/** Rows per time that are this near to the best are as good. */
const asGood = 0.95;

/**
 * The line with the least squares of the relative errors: in absolute ones the largest batch would outweigh all others.
 * Undefined for less than two sizes.
 */
export function fitLine(times: readonly BatchTime[]): Line | undefined {
  if (times.length < 2) return undefined;
  const sums = { w: 0, x: 0, y: 0, xx: 0, xy: 0 };
  for (const { rows, ms } of times) {
    const weight = 1 / ms ** 2;
    sums.w += weight;
    sums.x += weight * rows;
    sums.y += weight * ms;
    sums.xx += weight * rows * rows;
    sums.xy += weight * rows * ms;
  }
  const perRowMs = (sums.w * sums.xy - sums.x * sums.y) / (sums.w * sums.xx - sums.x ** 2);
  return { startMs: (sums.y - perRowMs * sums.x) / sums.w, perRowMs };
}

/** How many times as many rows a second as with `times[0]`. */
export function gainOver(first: BatchTime, { rows, ms }: BatchTime): number {
  return rows / ms / (first.rows / first.ms);
}

/** The smallest size with (nearly) the most rows a second of all measured. */
export function enoughRows(times: readonly BatchTime[]): number {
  const best = Math.max(...times.map(({ rows, ms }) => rows / ms));
  return times.find(({ rows, ms }) => rows / ms >= asGood * best)?.rows ?? Number.NaN;
}
