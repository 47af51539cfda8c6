// Entry of a worker for tests: what the custom service's instances run, on onnxruntime alone.
import { serveInstance } from '@weft/runtime';

serveInstance({
  tasks: {},
  backends: { onnxruntime: async () => (await import('@weft/backend-onnx')).onnxBackend },
});
