// Original file: proto/weft/executor/v1/executor.proto

import type { ModelState as _weft_executor_v1_ModelState, ModelState__Output as _weft_executor_v1_ModelState__Output } from '../../../weft/executor/v1/ModelState.ts';
import type { ModelConfig as _inference_ModelConfig, ModelConfig__Output as _inference_ModelConfig__Output } from '../../../inference/ModelConfig.ts';
import type { ModelMetadataResponse as _inference_ModelMetadataResponse, ModelMetadataResponse__Output as _inference_ModelMetadataResponse__Output } from '../../../inference/ModelMetadataResponse.ts';
import type { WarmupRun as _weft_executor_v1_WarmupRun, WarmupRun__Output as _weft_executor_v1_WarmupRun__Output } from '../../../weft/executor/v1/WarmupRun.ts';
import type { Placement as _weft_executor_v1_Placement, Placement__Output as _weft_executor_v1_Placement__Output } from '../../../weft/executor/v1/Placement.ts';

export interface ModelVersion {
  'name'?: (string);
  'version'?: (string);
  'state'?: (_weft_executor_v1_ModelState);
  'reason'?: (string);
  'config'?: (_inference_ModelConfig | null);
  'metadata'?: (_inference_ModelMetadataResponse | null);
  'maxBatchSize'?: (number);
  'instances'?: (number);
  'methods'?: (string)[];
  'warmup'?: (_weft_executor_v1_WarmupRun)[];
  'placements'?: (_weft_executor_v1_Placement)[];
  'superseded'?: (boolean);
  'streamMethods'?: (string)[];
  'streamSlots'?: (number);
  'load'?: (number);
}

export interface ModelVersion__Output {
  'name': (string);
  'version': (string);
  'state': (_weft_executor_v1_ModelState__Output);
  'reason': (string);
  'config': (_inference_ModelConfig__Output | null);
  'metadata': (_inference_ModelMetadataResponse__Output | null);
  'maxBatchSize': (number);
  'instances': (number);
  'methods': (string)[];
  'warmup': (_weft_executor_v1_WarmupRun__Output)[];
  'placements': (_weft_executor_v1_Placement__Output)[];
  'superseded': (boolean);
  'streamMethods': (string)[];
  'streamSlots': (number);
  'load': (number);
}
