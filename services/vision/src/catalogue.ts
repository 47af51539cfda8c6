// What an instance of this service may run: tasks by the name that `weft.task` gives, and backends, imported only when a
// model needs them.
import type { WorkerCatalogue } from '@weft/runtime';
import { tasks } from './tasks.ts';

export const catalogue: WorkerCatalogue = {
  tasks,
  backends: {
    onnxruntime: async () => (await import('@weft/backend-onnx')).onnxBackend,
    tensorflowjs: async () => (await import('@weft/backend-tfjs')).tfjsBackend,
  },
};
