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
