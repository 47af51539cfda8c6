// The timers of a batch that a replica has: until it is overdue, and until the deadlines of its calls. They end with it.
import { refusal, type WeftError } from '@weft/errors';
import type { Clock } from '@weft/flow';
import type { PendingCall } from './pending-call.ts';
import type { SentBatch } from './sent-batch.ts';

/** Timers of a process that runs are not as late as this. */
const lateMs = 100;
/** How long before a deadline its call is answered: so that the client hears why, and no answer in time is cut off. */
const wordMs = 2;

export interface OverdueWatch {
  /** May move away while the batch runs: what it is measured by is learned, and its start may be late. */
  readonly overdueAtMs: () => number;
  /** When it is to be called again; Infinity: not any more. */
  readonly onOverdue: () => number;
}

export function watchOverdue(batch: SentBatch, clock: Clock, { overdueAtMs, onOverdue }: OverdueWatch): void {
  const wait = (untilMs: number): void =>
    batch.endsWith(clock.setTimer(Math.max(0, untilMs - clock.now()), () => look(untilMs)));
  const look = (wakeMs: number): void => {
    const nowMs = clock.now();
    const atMs = overdueAtMs();
    if (nowMs < atMs) wait(atMs);
    // A timer that fires late stood still with the whole process: the answer may be here, unread.
    else if (nowMs > wakeMs + lateMs) wait(nowMs + lateMs);
    else {
      const againMs = onOverdue();
      if (againMs !== Number.POSITIVE_INFINITY) wait(againMs);
    }
  };
  wait(overdueAtMs());
}

/** Answers those whose deadline comes first, a moment before their clients give up, and then the next. */
export function watchDeadlines(batch: SentBatch, clock: Clock): void {
  const nowMs = clock.now();
  let nextMs = Number.POSITIVE_INFINITY;
  for (const pending of batch.calls) {
    if (pending.settled) continue;
    if (pending.deadlineMs - wordMs <= nowMs) pending.settle({ error: computedTooLong(pending, batch, nowMs) });
    else nextMs = Math.min(nextMs, pending.deadlineMs - wordMs);
  }
  if (nextMs !== Number.POSITIVE_INFINITY)
    batch.endsWith(clock.setTimer(nextMs - nowMs, () => watchDeadlines(batch, clock)));
}

function computedTooLong({ enqueuedMs }: PendingCall, { options: { sentMs } }: SentBatch, nowMs: number): WeftError {
  const [queuedMs, computingMs] = [Math.round(sentMs - enqueuedMs), Math.round(nowMs - sentMs)];
  return refusal(
    'DEADLINE_EXCEEDED',
    `Request timeout expired: after ${queuedMs} ms in the queue its replica had it for ${computingMs} ms without an answer`,
  );
}
