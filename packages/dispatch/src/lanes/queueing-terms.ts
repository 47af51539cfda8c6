// What a model's configuration makes of a call: how many rows it counts, in which class it waits, until when.
import { WeftError } from '@weft/errors';
import { adaptive, type BatchPolicy, deferred, delay, greedy } from '@weft/flow';
import { parseConfigText, type Scheduling, schedulingOf } from '@weft/models';
import type { VersionView } from '../replicas/inventory.ts';
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
  const level = levelOf(call.priority, scheduling);
  const { timeoutMs, onTimeout, timeoutOverride } = scheduling.queuePolicy(level);
  // A request may ask for less time than the model allows, not for more.
  const limitMs = timeoutOverride ? Math.min(timeoutMs, call.timeoutMs) : timeoutMs;
  return {
    // Whatever a request says of itself, it has no more rows than bytes.
    rows: Math.min(rows, Math.max(call.payload.length, maxRows)),
    priority: level - 1,
    deadlineMs: call.deadlineMs,
    startByMs: nowMs + limitMs,
    refusedLate: onTimeout === 'reject',
    objectiveMs: scheduling.objectiveMs,
  };
}

/** The model's priority level that a request means: the highest is 1. */
export function levelOf(priority: number, { priorityLevels, defaultPriority }: Scheduling): number {
  return priority >= 1 && priority <= priorityLevels ? priority : defaultPriority;
}

/** A replica checks what it loads. One that reports nothing, or what only a newer one understands, costs no more than that. */
export function schedulingFor({ entry }: VersionView): Scheduling {
  try {
    if (entry.config !== null) return schedulingOf(entry.config);
  } catch (thrown) {
    if (!(thrown instanceof WeftError)) throw thrown;
  }
  return usualScheduling();
}

/** Of a model whose configuration says nothing. */
export function usualScheduling(): Scheduling {
  return schedulingOf(parseConfigText(''));
}
