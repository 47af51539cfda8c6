// What an instance of this service may run: any model of a backend, imported only when a model needs it; no tasks.
import type { WorkerCatalogue } from '@weft/runtime';

export const catalogue: WorkerCatalogue = {
  tasks: {},
  backends: {
    onnxruntime: async () => (await import('@weft/backend-onnx')).onnxBackend,
    identity: async () => (await import('@weft/backend-example')).identityBackend,
    repeat: async () => (await import('@weft/backend-example')).repeatBackend,
    square: async () => (await import('@weft/backend-example')).squareBackend,
    tensorflowjs: async () => (await import('@weft/backend-tfjs')).tfjsBackend,
  },
};
