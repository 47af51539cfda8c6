// One strategy at one load for a while: from the fate of each request to the figures of the round.
import type { OpenLoopResult } from '../children/open-loop-client.ts';
import { median, quantile } from '../statistics.ts';
import type { SleptBatch } from './slept-batch.ts';

/** Every request that was due in the round had one of these fates. */
export interface Fates {
  /** Answered, and in time. */
  readonly inTime: number;
  /** Refused with RESOURCE_EXHAUSTED, before the deadline. */
  readonly refused: number;
  /** Told DEADLINE_EXCEEDED, before the deadline. */
  readonly dropped: number;
  /** Not answered before the deadline. */
  readonly late: number;
  /** Any other status: a connection that broke, for one. */
  readonly failed: number;
}

export interface Round extends Fates {
  readonly strategy: string;
  readonly load: number;
  readonly offered: number;
  /** From due to answered: of those in time, and of those refused or dropped. */
  readonly latenciesMs: readonly number[];
  readonly rejectionsMs: readonly number[];
  /** How late the client sent, p99. */
  readonly clientLateMs: number;
  /** Of the whole machine, 0..1. */
  readonly cpuShare: number;
  readonly meanBatchRows: number;
  /** How much longer than s(b) a batch took, as a share of it: p50 and p99. */
  readonly overrun: { readonly p50: number; readonly p99: number };
  /** Memory of the router before and after, MB; of strategies that use it. */
  readonly routerMb?: { readonly before: number; readonly after: number } | undefined;
}

const [ok, deadlineExceeded, resourceExhausted] = [0, 4, 8];
/** grpc-js ends a call within a millisecond around its deadline: that is no answer of the server's. */
const clientTimerMs = 1;

type Answers = Pick<OpenLoopResult, 'codes' | 'answeredMs'>;

export interface Judged extends Fates, Pick<Round, 'offered' | 'latenciesMs' | 'rejectionsMs'> {}

export function judgeAnswers({ codes, answeredMs }: Answers, deadlineMs: number): Judged {
  const latenciesMs: number[] = [];
  const rejectionsMs: number[] = [];
  let [refused, dropped, late, failed] = [0, 0, 0, 0];
  for (const [at, code] of codes.entries()) {
    const ms = answeredMs[at] as number;
    const rejection = code === resourceExhausted || code === deadlineExceeded;
    if (code !== ok && !rejection) failed += 1;
    else if (ms > deadlineMs - (rejection ? clientTimerMs : 0)) late += 1;
    else if (code === ok) latenciesMs.push(ms);
    else {
      rejectionsMs.push(ms);
      if (code === resourceExhausted) refused += 1;
      else dropped += 1;
    }
  }
  const inTime = latenciesMs.length;
  return { offered: codes.length, inTime, refused, dropped, late, failed, latenciesMs, rejectionsMs };
}

/** `expectedMs` is s(b). */
export function judgeBatches(
  batches: readonly SleptBatch[],
  expectedMs: (rows: number) => number,
): Pick<Round, 'meanBatchRows' | 'overrun'> {
  const overruns = batches.map(({ rows, ms }) => ms / expectedMs(rows) - 1);
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  return { meanBatchRows: rows / batches.length, overrun: { p50: median(overruns), p99: quantile(overruns, 0.99) } };
}
