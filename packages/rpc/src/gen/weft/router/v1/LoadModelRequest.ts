// Original file: proto/weft/router/v1/admin.proto

import type { ModelConfig as _inference_ModelConfig, ModelConfig__Output as _inference_ModelConfig__Output } from '../../../inference/ModelConfig.ts';

export interface LoadModelRequest {
  'name'?: (string);
  'config'?: (_inference_ModelConfig | null);
}

export interface LoadModelRequest__Output {
  'name': (string);
  'config': (_inference_ModelConfig__Output | null);
}
