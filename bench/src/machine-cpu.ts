// How busy all cores of the machine are, whoever keeps them busy.
import { cpus } from 'node:os';

/** Milliseconds since the machine's start, summed over its cores. */
export interface CpuTimes {
  readonly busyMs: number;
  readonly idleMs: number;
}

export function readCpuTimes(): CpuTimes {
  let [busyMs, idleMs] = [0, 0];
  for (const { times } of cpus()) {
    busyMs += times.user + times.nice + times.sys + times.irq;
    idleMs += times.idle;
  }
  return { busyMs, idleMs };
}

/** Share of the cores' time (0..1) between two readings that was busy. */
export function busyShare(before: CpuTimes, after: CpuTimes): number {
  const busyMs = after.busyMs - before.busyMs;
  return busyMs / (busyMs + after.idleMs - before.idleMs);
}
