// Parts rows into runs of a model that pads every row of a run to the longest. Padding is computed like anything else:
// 31 sentences of 8 tokens cost 90 ms, one of 128 costs 70 ms, and all in one run 1,200 ms. So rows of like size run
// together, and the rows are parted where that makes the padded sizes, plus a price for each run, smallest.

export interface RunCosts {
  /** What a run costs beside its rows, in the unit of the sizes. */
  readonly perRun: number;
  /** A run's rows × its longest row stays within this, unless it is one row. */
  readonly maxRunSize: number;
  /** At least 1. */
  readonly maxRows: number;
}

/**
 * The rows of each run, by their positions in `sizes`; sizes are positive. The shortest rows come first. Sorted by size,
 * an optimal parting has runs of neighbours, so dynamic programming over the ends of runs finds it.
 */
export function planRuns(sizes: readonly number[], { perRun, maxRunSize, maxRows }: RunCosts): number[][] {
  const order = [...sizes.keys()].sort((a, b) => (sizes[a] as number) - (sizes[b] as number) || a - b);
  // cost[end]: the least cost of the first `end` rows; cut[end]: where the last run of that parting begins.
  const cost = [0];
  const cut = [0];
  for (let end = 1; end <= order.length; end++) {
    const longest = sizes[order[end - 1] as number] as number;
    let least = Number.POSITIVE_INFINITY;
    for (let start = end - 1; start >= 0; start--) {
      const runSize = (end - start) * longest;
      if (end - start > maxRows || (runSize > maxRunSize && start < end - 1)) break;
      const sum = (cost[start] as number) + runSize + perRun;
      if (sum < least) {
        least = sum;
        cut[end] = start;
      }
    }
    cost[end] = least;
  }
  const runs: number[][] = [];
  for (let end = order.length; end > 0; end = cut[end] as number) runs.push(order.slice(cut[end], end));
  return runs.reverse();
}
