// When to send a batch, and how large: plain functions from what is known now to a decision. None of them sends more than
// still meets the earliest due time (`fitRows`), and all are asked only while an instance is free.
//
// - adaptive: waits for the smallest batch with which the instances keep up with what arrives, or until the latest moment
//   that meets the head's due time. At low load that batch is one row and nothing waits. Nor does anything with one
//   instance: while it works a batch gathers by itself, and while it waits nobody else works.
// - deferred: always waits for that latest moment, as Symphony does (arXiv 2308.07470).
// - greedy: never waits.
// - delay: waits until the one that came first has waited so long, or a preferred size is reached: Triton's
//   `max_queue_delay_microseconds` and `preferred_batch_size`. A deadline that leaves less time is met; an objective, which
//   nobody has set for the delay, is not looked at.
import type { LatencyProfile } from './latency-profile.ts';

/** What is known when an instance is free and at least one item waits. Instants and durations in ms, sizes in rows. */
export interface Situation {
  readonly nowMs: number;
  readonly waitingRows: number;
  /** The most rows that a batch sent now may have and still answer everybody in time; at least 1. */
  readonly fitRows: number;
  /** When the first of those who wait is due, less the margin. */
  readonly dueMs: number;
  /** The first deadline of those who wait, less the margin; Infinity when none has one. */
  readonly deadlineMs: number;
  /** Since when the one that came first waits; a newcomer that is due before it does not restart its wait. */
  readonly oldestSinceMs: number;
  /** Of the instance that would take the batch. */
  readonly profile: LatencyProfile;
  /** All instances that serve the queue, free or not. */
  readonly instances: number;
  readonly rowsPerMs: number;
  /** Which part of all rows that the instances get these are, where other queues send to them too; 1 by default. */
  readonly rowsPart?: number | undefined;
}

/** Why a batch was sent: no larger one is possible, its target is reached, its time has come, or nothing speaks for waiting. */
export type DispatchReason = 'full' | 'target' | 'deadline' | 'idle';

export type Decision =
  | { readonly rows: number; readonly reason: DispatchReason }
  /** Ask again then, or when something changes. */
  | { readonly waitUntilMs: number };

export type BatchPolicy = (situation: Situation) => Decision;

/** The share of all instances' time that the target batch leaves busy: less makes who comes wait for what nobody needs. */
const targetLoad = 0.85;
/** Below it there is but one instance, whatever a slower one beside it adds. */
const severalInstances = 1.5;
/** How much longer than expected a target may take to fill. */
const patience = 1.5;

export const adaptive: BatchPolicy = (situation) => {
  const { waitingRows, oldestSinceMs, rowsPerMs, profile, nowMs, instances } = situation;
  const target = instances < severalInstances ? 1 : rowsToKeepUp(situation, targetLoad);
  if (target === 1) return send(situation, 'idle');
  if (waitingRows >= target) return send(situation, 'target');
  const decision = deferred(situation);
  if ('rows' in decision) return decision;
  // Less arrives than was expected: what is missing may never come, least of all from clients that wait for this answer. To
  // wait longer than it takes to serve those who are here is never worth it.
  const patienceMs = Math.min((patience * (target - 1)) / rowsPerMs, profile.plannedMs(waitingRows));
  const overdueMs = oldestSinceMs + patienceMs;
  return overdueMs <= nowMs ? send(situation, 'idle') : { waitUntilMs: Math.min(decision.waitUntilMs, overdueMs) };
};

export const deferred: BatchPolicy = (situation) => {
  if (situation.waitingRows >= situation.fitRows) return send(situation, 'deadline');
  return sendFrom(latestStartMs(situation, situation.dueMs), situation);
};

export const greedy: BatchPolicy = (situation) => send(situation, 'idle');

export interface DelaySettings {
  readonly queueDelayMs: number;
  /** Sizes that are sent at once when reached. */
  readonly preferredRows?: readonly number[];
}

export function delay({ queueDelayMs, preferredRows = [] }: DelaySettings): BatchPolicy {
  return (situation) => {
    const { waitingRows, fitRows, oldestSinceMs, deadlineMs } = situation;
    if (waitingRows >= fitRows) return send(situation, 'deadline');
    const preferred = Math.max(0, ...preferredRows.filter((rows) => rows <= waitingRows));
    if (preferred > 0) return { rows: preferred, reason: 'target' };
    return sendFrom(Math.min(oldestSinceMs + queueDelayMs, latestStartMs(situation, deadlineMs)), situation);
  };
}

/** The smallest batch with which the instances are busy for at most `load` of the time; the largest if none is enough. */
export function rowsToKeepUp(
  { profile, rowsPerMs, rowsPart = 1, instances }: Pick<Situation, 'profile' | 'rowsPerMs' | 'rowsPart' | 'instances'>,
  load: number,
): number {
  const allPerMs = rowsPerMs / rowsPart;
  const busy = (rows: number): number => (allPerMs * profile.plannedMs(rows)) / (rows * instances);
  let [tooSmall, enough] = [0, profile.maxRows];
  while (enough - tooSmall > 1) {
    const middle = (tooSmall + enough) >> 1;
    if (busy(middle) <= load) enough = middle;
    else tooSmall = middle;
  }
  return enough;
}

/** One row more must still fit when it comes. */
function latestStartMs({ profile, waitingRows }: Situation, endMs: number): number {
  return endMs - profile.plannedMs(waitingRows + 1);
}

function sendFrom(instantMs: number, situation: Situation): Decision {
  return instantMs <= situation.nowMs ? send(situation, 'deadline') : { waitUntilMs: instantMs };
}

function send({ waitingRows, fitRows, profile }: Situation, reason: DispatchReason): Decision {
  const rows = Math.min(waitingRows, fitRows);
  return { rows, reason: rows >= profile.maxRows ? 'full' : reason };
}
