// What is compared: where requests wait, and when a batch leaves. All use the same scheduler with its drop rules, and a
// batch never exceeds what its head's deadline allows; they differ in the queue and in the policy.
import { adaptive, type BatchPolicy, deferred, delay, greedy } from '@weft/flow';
import type { Placement } from '@weft/flow/simulation';
import type { Workload } from './workload.ts';

export interface Strategy {
  readonly name: string;
  readonly placement: Placement;
  readonly policyFor: (workload: Workload) => BatchPolicy;
}

/** As a person would set `max_queue_delay_microseconds`: a quarter of what the client waits. */
const quarterOfDeadline = ({ deadlineMs }: Workload): BatchPolicy => delay({ queueDelayMs: deadlineMs / 4 });

export const weft: Strategy = { name: 'weft', placement: 'one', policyFor: () => adaptive };
export const roundRobin: Strategy = { name: 'round robin', placement: 'round-robin', policyFor: () => greedy };
export const oneGreedy: Strategy = { name: 'one queue, greedy', placement: 'one', policyFor: () => greedy };

export const strategies: readonly Strategy[] = [
  roundRobin,
  { name: 'round robin, delay', placement: 'round-robin', policyFor: quarterOfDeadline },
  { name: 'P2C', placement: 'p2c', policyFor: () => greedy },
  { name: 'P2C, delay', placement: 'p2c', policyFor: quarterOfDeadline },
  oneGreedy,
  { name: 'one queue, deferred', placement: 'one', policyFor: () => deferred },
  weft,
];
