// Entry of an instance's worker: which tasks and backends this service has.
import { serveInstance } from '@weft/runtime';
import { tasks } from './tasks.ts';

serveInstance({
  tasks,
  backends: {
    onnxruntime: async () => (await import('@weft/backend-onnx')).onnxBackend,
    tensorflowjs: async () => (await import('@weft/backend-tfjs')).tfjsBackend,
  },
});
