// Entry of an instance's worker: the backends of this service. Its models have no tasks.
import { serveInstance } from '@weft/runtime';

serveInstance({
  tasks: {},
  backends: {
    onnxruntime: async () => (await import('@weft/backend-onnx')).onnxBackend,
    tensorflowjs: async () => (await import('@weft/backend-tfjs')).tfjsBackend,
  },
});
