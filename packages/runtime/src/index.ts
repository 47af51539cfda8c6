// What backends, tasks and workers need. A service's main thread takes `@weft/runtime/service`: kept apart, so that a
// worker does not load a gRPC server.
export type { Backend, BackendModel, BackendOptions } from './backend.ts';
export {
  type InputLimits,
  type ItemContext,
  itemwise,
  type Task,
  type TaskContext,
  type TaskFactory,
  type TaskMethod,
  type TensorInterface,
} from './task.ts';
export type { WorkerCatalogue } from './worker/load-instance.ts';
export { serveInstance } from './worker/serve-instance.ts';
