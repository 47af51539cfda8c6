// Warming up: real-shaped runs of several sizes before a model takes traffic. They pay for what runtimes do lazily, and
// their times are what the router's scheduler begins with: without them its first batches would be guesses. The larger
// sizes are left out where they would hold up the start, and where the model fails on them: it serves all the same, since
// requests whose joined run fails run again one by one.

export interface Measured {
  readonly rows: number;
  readonly computeUs: number;
}

export interface WarmUp {
  /** Runs so many rows. */
  readonly run: (rows: number) => Promise<unknown>;
  readonly maxRows: number;
  readonly nowMs: () => number;
}

/** A run that took longer is the last. */
const longRunMs = 1000;
/** A size that would take longer if rows together cost what they cost apart is not begun: few are so much cheaper together. */
const hopelessRunMs = 2000;
/** For all sizes but the first. */
const allRunsMs = 2000;

/**
 * Every size runs twice, and the faster run counts: one row always, more rows as long as time is left. Rejects when one
 * row cannot be run.
 */
export async function warmUp({ run, maxRows, nowMs }: WarmUp): Promise<Measured[]> {
  const time = async (rows: number): Promise<number> => {
    const startedMs = nowMs();
    await run(rows);
    return nowMs() - startedMs;
  };
  const fasterOfTwo = async (rows: number): Promise<number> => {
    const firstMs = await time(rows);
    return rows > 1 && firstMs > longRunMs ? firstMs : Math.min(firstMs, await time(rows));
  };
  const measured: Measured[] = [];
  let growingSinceMs = nowMs();
  let last: { readonly rows: number; readonly ms: number } | undefined;
  for (const rows of warmUpSizes(maxRows)) {
    if (last !== undefined) {
      const expectedMs = (last.ms * rows) / last.rows;
      if (last.ms > longRunMs || expectedMs > hopelessRunMs || nowMs() - growingSinceMs > allRunsMs) break;
    }
    const ms = await fasterOfTwo(rows).catch((thrown: unknown) => {
      if (last === undefined) throw thrown;
      return undefined;
    });
    if (ms === undefined) break;
    measured.push({ rows, computeUs: Math.round(ms * 1000) });
    if (last === undefined) growingSinceMs = nowMs();
    last = { rows, ms };
  }
  return measured;
}

/** Powers of four from 1 on, and the maximum. */
export function warmUpSizes(maxRows: number): number[] {
  const sizes: number[] = [];
  for (let rows = 1; rows * 2 <= maxRows; rows *= 4) sizes.push(rows);
  return [...sizes, maxRows];
}
