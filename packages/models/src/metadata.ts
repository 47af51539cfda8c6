// A model's metadata as the Open Inference Protocol tells it, from its completed configuration.
import type { ModelConfig__Output } from '@weft/rpc/messages/inference/ModelConfig';
import type { ModelMetadataResponse } from '@weft/rpc/messages/inference/ModelMetadataResponse';
import type { DataType__Output } from '@weft/rpc/messages/inference/DataType';
import type { BackendName } from './artifact.ts';
import { datatypeOf } from './complete-config.ts';

/** Of backends that have one. */
const platforms: Partial<Record<BackendName, string>> = {
  onnxruntime: 'onnxruntime_onnx',
  tensorflowjs: 'tensorflowjs',
};

/** Shapes begin with −1 when the model batches. */
export function modelMetadata(
  config: ModelConfig__Output,
  version: string,
  backend: BackendName,
): ModelMetadataResponse {
  const tensor = ({ name, dataType, dims }: { name: string; dataType: DataType__Output; dims: number[] }) => ({
    name,
    datatype: datatypeOf(dataType),
    shape: config.maxBatchSize > 0 ? [-1, ...dims] : dims,
  });
  return {
    name: config.name,
    versions: [version],
    platform: config.platform === '' ? (platforms[backend] ?? '') : config.platform,
    inputs: config.input.map(tensor),
    outputs: config.output.map(tensor),
  };
}
