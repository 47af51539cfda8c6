export { BatchQueue, type BatchLimits, type Queued } from './batch-queue.ts';
export { type Clock, systemClock } from './clock.ts';
export { ManualClock } from './manual-clock.ts';
