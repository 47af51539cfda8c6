// The six models of the simulation: how many replicas, how long a batch of b rows takes, s(b) = start + perRow · b ms, the
// largest batch, and how long a client waits. From cheap ones behind many replicas to one that takes a quarter of a second.

export interface Workload {
  readonly replicas: number;
  readonly startMs: number;
  readonly perRowMs: number;
  readonly maxRows: number;
  readonly deadlineMs: number;
}

/** So slow that a machine of few cores can hold its replicas if they sleep: the bench goodput does. */
export const heavyWorkload: Workload = { replicas: 4, startMs: 80, perRowMs: 2.5, maxRows: 64, deadlineMs: 300 };

export const workloads: readonly Workload[] = [
  { replicas: 8, startMs: 8, perRowMs: 1, maxRows: 32, deadlineMs: 40 },
  { replicas: 8, startMs: 8, perRowMs: 0.25, maxRows: 64, deadlineMs: 30 },
  { replicas: 2, startMs: 8, perRowMs: 0.25, maxRows: 64, deadlineMs: 30 },
  { replicas: 8, startMs: 2, perRowMs: 1, maxRows: 32, deadlineMs: 20 },
  { replicas: 8, startMs: 5, perRowMs: 0.1, maxRows: 128, deadlineMs: 15 },
  heavyWorkload,
];

export function serviceMs({ startMs, perRowMs }: Workload, rows: number): number {
  return startMs + perRowMs * rows;
}

/** Rows per ms when every replica always runs the largest batch: the raw capacity, which no deadline allows. */
export function rawCapacity(workload: Workload): number {
  return (workload.replicas * workload.maxRows) / serviceMs(workload, workload.maxRows);
}

export function nameOf({ replicas, startMs, perRowMs, maxRows, deadlineMs }: Workload): string {
  return `${replicas}, ${startMs} + ${perRowMs}·b, ${maxRows}, ${deadlineMs}`;
}
