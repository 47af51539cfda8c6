// Times of one model's batches, of one row and of twice as many each time. The sizes are measured in turns, round after
// round, so that whatever else the machine does falls on all of them. Requests cost differently, so in each round every size
// computes each of them: small batches run several times, and the round's time is their mean.
import { median, rounded } from '../statistics.ts';
import type { AttachedModel, BatchTimes } from './attached-replica.ts';
import type { RealRequests } from './real-requests.ts';

export interface MeasuredSize {
  readonly rows: number;
  /** Medians over the rounds. */
  readonly ms: number;
  readonly computeMs: number;
  readonly rounds: number;
}

export interface MeasureOptions extends RealRequests {
  readonly maxRows: number;
  /** No round begins after this, but for the least number of them. */
  readonly budgetMs: number;
  readonly now: () => number;
}

export interface MeasuredSizes {
  readonly sizes: readonly MeasuredSize[];
  /** Sizes not measured because a batch of half as many rows took too long. */
  readonly tooSlow: readonly number[];
}

const largest = 64;
const leastRounds = 3;
const mostRounds = 15;
/** A batch of twice as many rows as one that takes longer than this is left out. */
const longestBatchMs = 1_500;

export async function measureModel(model: AttachedModel, options: MeasureOptions): Promise<MeasuredSizes> {
  const { method, payloads, maxRows, budgetMs, now } = options;
  const wanted = batchSizes(maxRows);
  const startedMs = now();
  const timed = new Map<number, BatchTimes[]>();
  // The first batch of a size pays for memory and for what runtimes do lazily: it only tells whether there will be a second.
  for (const rows of wanted) {
    const { ms } = await model.infer(method, batchFrom(payloads, 0, rows));
    timed.set(rows, []);
    if (ms > longestBatchMs) break;
  }
  for (let round = 0; round < mostRounds; round++) {
    if (round >= leastRounds && now() - startedMs > budgetMs) break;
    for (const [rows, times] of timed) {
      const batches: BatchTimes[] = [];
      for (let at = 0; at < payloads.length; at += rows)
        batches.push(await model.infer(method, batchFrom(payloads, at, rows)));
      times.push({ ms: mean(batches.map(({ ms }) => ms)), computeMs: mean(batches.map((each) => each.computeMs)) });
    }
  }
  const sizes = [...timed].map(([rows, times]) => ({
    rows,
    ms: rounded(median(times.map(({ ms }) => ms))),
    computeMs: rounded(median(times.map(({ computeMs }) => computeMs))),
    rounds: times.length,
  }));
  return { sizes, tooSlow: wanted.filter((rows) => !timed.has(rows)) };
}

/** So many requests in turns, beginning with the one at `at`. */
function batchFrom(payloads: readonly Buffer[], at: number, rows: number): Buffer[] {
  return Array.from({ length: rows }, (_, index) => payloads[(at + index) % payloads.length] as Buffer);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** 1, 2, 4, … and the maximum itself. */
function batchSizes(maxRows: number): number[] {
  const most = Math.min(maxRows, largest);
  const sizes: number[] = [];
  for (let rows = 1; rows < most; rows *= 2) sizes.push(rows);
  return [...sizes, most];
}
