// s(b), the time of a batch of b rows, from the sizes that were measured: a straight line from one to the next.

export interface BatchTime {
  readonly rows: number;
  readonly ms: number;
}

/**
 * Never falls with b. Beyond the largest size that was measured a row costs what it did between the last two, and where there
 * is but one size as much as each row of it: what nobody has seen is no gain. More rows than `maxRows` are so many runs.
 */
export function batchCurve(measured: readonly BatchTime[], maxRows: number): (rows: number) => number {
  const points = risingTimes(measured);
  const [last, before] = [points.at(-1) as BatchTime, points.at(-2)];
  const perRowMs = before === undefined ? last.ms / last.rows : (last.ms - before.ms) / (last.rows - before.rows);
  const oneRun = (rows: number): number => {
    const at = points.findIndex((point) => point.rows >= rows);
    if (at === -1) return last.ms + perRowMs * (rows - last.rows);
    const [lower, upper] = [points[at - 1], points[at] as BatchTime];
    if (lower === undefined) return upper.ms;
    return lower.ms + ((upper.ms - lower.ms) * (rows - lower.rows)) / (upper.rows - lower.rows);
  };
  return (rows) => {
    const rest = rows % maxRows;
    return Math.floor(rows / maxRows) * oneRun(maxRows) + (rest > 0 ? oneRun(rest) : 0);
  };
}

function risingTimes(measured: readonly BatchTime[]): BatchTime[] {
  let longest = 0;
  return [...measured]
    .sort((a, b) => a.rows - b.rows)
    .map(({ rows, ms }) => {
      longest = Math.max(longest, ms);
      return { rows, ms: longest };
    });
}
