export { type ConvertedModel, type ConvertOptions, convertLayersModel } from './convert-layers-model.ts';
export { encodeModel } from './encode-model.ts';
export {
  type ExternalContent,
  externalOnnxTensor,
  type OnnxAttribute,
  type OnnxAttributes,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  onnxNode,
  onnxTensor,
  onnxValue,
} from './onnx-model.ts';
export {
  type ModelInterface,
  type ModelValue,
  readModelFileInterface,
  readModelInterface,
} from './read-model-interface.ts';
