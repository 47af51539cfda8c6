export { onnxBackend } from './onnx-backend.ts';
