// What backends, tasks and workers need. A service's main thread takes `@weft/runtime/service`: kept apart, so that a
// worker does not load a gRPC server.
export { alone, type BatchItem, batchwise, inferOwn, together } from './batch/batchwise.ts';
export type { RowModel } from './batch/joint-runs.ts';
export { SharedRuns } from './batch/shared-runs.ts';
export { type Backend, type BackendModel, type BackendOptions, runsOnProcessor } from './backend.ts';
export { checkExact } from './check-exact.ts';
export {
  type InputLimits,
  type ItemContext,
  itemwise,
  type StreamContext,
  type StreamMethod,
  type Task,
  type TaskContext,
  type TaskFactory,
  type TaskMethod,
  type TaskMetrics,
  type TensorInterface,
} from './task.ts';
export { numberParameter, positiveParameter } from './tasks/number-parameter.ts';
export { readLabelFile } from './tasks/read-label-file.ts';
export { type Label, softmax, topLabels } from './tasks/top-labels.ts';
export { unmeasured } from './metrics/task-metrics.ts';
export type { WorkerCatalogue } from './worker/load-instance.ts';
export { serveInstance } from './worker/serve-instance.ts';
