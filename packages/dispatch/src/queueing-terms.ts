// What a model's configuration makes of a call: how many rows it counts, in which class it waits, until when.
import { adaptive, type BatchPolicy, deferred, delay, greedy } from '@weft/flow';
import type { Scheduling } from '@weft/models';
import type { Call, Terms } from './pending-call.ts';

export function policyOf({ policy, queueDelayMs, preferredRows }: Scheduling): BatchPolicy {
  switch (policy) {
    case 'adaptive':
      return adaptive;
    case 'deferred':
      return deferred;
    case 'greedy':
      return greedy;
    case 'delay':
      return delay({ queueDelayMs, preferredRows });
  }
}

export interface Counted {
  /** What the call has, as this model counts. */
  readonly rows: number;
  /** Of the largest batch. */
  readonly maxRows: number;
  readonly nowMs: number;
}

export function termsOf(call: Call, scheduling: Scheduling, { rows, maxRows, nowMs }: Counted): Terms {
  const { priorityLevels, defaultPriority } = scheduling;
  const level = call.priority >= 1 && call.priority <= priorityLevels ? call.priority : defaultPriority;
  const { timeoutMs, onTimeout, timeoutOverride } = scheduling.queuePolicy(level);
  // A request may ask for less time than the model allows, not for more.
  const limitMs = timeoutOverride ? Math.min(timeoutMs, call.timeoutMs) : timeoutMs;
  const rejects = onTimeout === 'reject';
  return {
    // Whatever a request says of itself, it has no more rows than bytes.
    rows: Math.min(rows, Math.max(call.payload.length, maxRows)),
    priority: level - 1,
    deadlineMs: rejects ? Math.min(call.deadlineMs, nowMs + limitMs) : call.deadlineMs,
    objectiveMs: rejects || limitMs === Number.POSITIVE_INFINITY ? scheduling.objectiveMs : limitMs,
  };
}
