// The part of this package that an instance's worker needs: what a configuration means. The event log, the sources of
// artifacts and their clients would cost every worker a fifth of a second of a processor while others serve.
export { isFileless } from './artifact.ts';
export { completeConfig, datatypeOf, tensorsOfConfig } from './complete-config.ts';
export { refuseUnknownParameters } from './known-parameters.ts';
export { maxRows } from './max-rows.ts';
export { positiveParameter, weftParameter } from './parameters.ts';
export { schedulingOf } from './scheduling.ts';
export {
  type SequenceBatching,
  sequenceBatchingOf,
  type SequenceControl,
  type SequenceState,
} from './sequence-batching.ts';
