export {
  adaptive,
  type BatchPolicy,
  type Decision,
  deferred,
  delay,
  type DelaySettings,
  type DispatchReason,
  greedy,
  type Situation,
} from './batch-policy.ts';
export { BatchScheduler, type SchedulerSettings, type Turn } from './batch-scheduler.ts';
export type { Offered } from './offered.ts';
export { Circuit, type CircuitSettings, type CircuitState } from './circuit.ts';
export { type Clock, systemClock } from './clock.ts';
export { CreditTurns, type Urgency } from './credit-turns.ts';
export { FairQueue } from './fair-queue.ts';
export { type Instances, noInstances, type Sharing } from './instances.ts';
export { type ExpectedTime, LatencyProfile, type Measurement } from './latency-profile.ts';
export { type LinkedAbort, linkedAbort } from './linked-abort.ts';
export { ManualClock } from './manual-clock.ts';
export { OverheadEstimate } from './overhead-estimate.ts';
export { OutlierEjection } from './outlier-ejection.ts';
export { RetryBudget, type RetryBudgetSettings } from './retry-budget.ts';
export { SequenceScheduler } from './sequence-scheduler.ts';
export type { SequenceSettings, SequenceStrategy } from './sequence-settings.ts';
export type { LostSequence, SequenceRequest, SequenceTurn, SequenceTurns } from './sequence-turns.ts';
export { SlotShares } from './slot-shares.ts';
export { SlidingCount } from './sliding-count.ts';
export { SlidingQuantile } from './sliding-quantile.ts';
export { type StopSignal, stopSignals } from './stop-signals.ts';
export { type Interval, wilsonInterval } from './wilson-interval.ts';
export type { Waiting } from './waiting.ts';
