// What becomes of a load, in figures.
import { cpus } from 'node:os';
import type { LoadedCall } from './open-load.ts';

/** The value below which the share `q` of the values lies; NaN without values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export function latencyMs({ dueMs, answeredMs }: LoadedCall): number {
  return answeredMs - dueMs;
}

export function answeredOk(calls: readonly LoadedCall[]): LoadedCall[] {
  return calls.filter(({ code }) => code === 'OK');
}

/** How many calls had each outcome: `OK 410, RESOURCE_EXHAUSTED 3`. */
export function outcomes(calls: readonly LoadedCall[]): string {
  const counts = new Map<string, number>();
  for (const { code } of calls) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, count]) => `${code} ${count}`).join(', ');
}

/** From due to answered, without what the machine withheld from the test. */
export function ownLatencyMs(call: LoadedCall): number {
  return latencyMs(call) - call.withheldMs;
}

/** p50 and p99 of those that were answered OK. */
export function latencies(calls: readonly LoadedCall[]): string {
  const all = answeredOk(calls).map(latencyMs);
  return `p50 ${quantile(all, 0.5).toFixed(0)} ms, p99 ${quantile(all, 0.99).toFixed(0)} ms`;
}

/** Starts to watch how busy the whole machine is; the result tells the share of its cores' time that was busy since. */
export function watchMachine(): () => string {
  const read = (): { busy: number; all: number } => {
    let [busy, all] = [0, 0];
    for (const { times } of cpus()) {
      const working = times.user + times.nice + times.sys + times.irq;
      busy += working;
      all += working + times.idle;
    }
    return { busy, all };
  };
  const before = read();
  return () => {
    const now = read();
    return `machine ${((100 * (now.busy - before.busy)) / (now.all - before.all)).toFixed(0)}% busy`;
  };
}

/**
 * Measures again, up to three times, until the figures are what was promised. Others who keep the machine busy can break a
 * promise that counts in milliseconds, but what keeps none of them is not made to by luck.
 */
export async function inOneOfThree<Figures>(
  measure: () => Promise<Figures>,
  holds: (figures: Figures) => boolean,
): Promise<Figures> {
  let figures = await measure();
  for (let again = 0; again < 2 && !holds(figures); again += 1) figures = await measure();
  return figures;
}
