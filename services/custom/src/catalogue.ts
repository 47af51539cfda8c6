// What an instance of this service may run: any model of a backend, imported only when a model needs it; no tasks.
import type { WorkerCatalogue } from '@weft/runtime';

export const catalogue: WorkerCatalogue = {
  tasks: {},
  backends: {
    onnxruntime: async () => (await import('@weft/backend-onnx')).onnxBackend,
    tensorflowjs: async () => (await import('@weft/backend-tfjs')).tfjsBackend,
  },
};
