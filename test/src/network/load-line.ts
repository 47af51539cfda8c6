// What sdk-load.ts tells of each call, one line of JSON each, and figures of them.
import { quantile } from '../testing/load-figures.ts';
import type { LogLine } from '../testing/local-mesh.ts';

/** Instants are milliseconds of the wall clock. */
export interface SdkCall {
  readonly dueMs: number;
  readonly answeredMs: number;
  /** `OK`, or the code. */
  readonly code: string;
  readonly text: string;
  /** Of the process that computed it; 0 without an answer. */
  readonly pid: number;
  /** How often the SDK tried again. */
  readonly retries: number;
}

export const callEvent = 'load.call';

export function callsIn(lines: readonly LogLine[]): SdkCall[] {
  return lines.filter(({ event }) => event === callEvent) as unknown as SdkCall[];
}

export function failuresOf(calls: readonly SdkCall[]): SdkCall[] {
  return calls.filter(({ code }) => code !== 'OK');
}

/** `1200 calls, 0 failed, 3 tried again; p50 31 ms, p99 60 ms, slowest 340 ms` */
export function tell(calls: readonly SdkCall[]): string {
  const ms = calls.map(({ dueMs, answeredMs }) => answeredMs - dueMs);
  const again = calls.filter(({ retries }) => retries > 0).length;
  const failed = failuresOf(calls);
  const kinds = [...new Set(failed.map(({ code, text }) => `${code} ${text.replace(/[ ,][^ ]*\d.*/, '')}`))];
  return [
    `${calls.length} calls, ${failed.length} failed, ${again} tried again`,
    `p50 ${quantile(ms, 0.5).toFixed(0)} ms, p99 ${quantile(ms, 0.99).toFixed(0)} ms, slowest ${Math.max(...ms).toFixed(0)} ms`,
    ...kinds.slice(0, 3),
  ].join('; ');
}
