// The model's runs for one batch as they are told to whoever dispatched it. Decoding and encoding are the whole batch's: each run
// has its share of them, by its rows.
import type { Execution, ItemTimes } from '@weft/rpc/wire';

export interface Ran {
  readonly rows: number;
  readonly inferMs: number;
}

export function batchExecutions(runs: readonly Ran[], { computeInputUs, computeOutputUs }: ItemTimes): Execution[] {
  const all = runs.reduce((sum, { rows }) => sum + rows, 0);
  return runs.map(({ rows, inferMs }) => {
    const share = all === 0 ? 1 / runs.length : rows / all;
    return {
      rows,
      computeInputUs: Math.round(computeInputUs * share),
      computeInferUs: microseconds(inferMs),
      computeOutputUs: Math.round(computeOutputUs * share),
    };
  });
}

export function microseconds(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds * 1000));
}
