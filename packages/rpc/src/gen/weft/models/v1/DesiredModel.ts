// Original file: proto/weft/models/v1/models.proto

import type { DesiredVersion as _weft_models_v1_DesiredVersion, DesiredVersion__Output as _weft_models_v1_DesiredVersion__Output } from '../../../weft/models/v1/DesiredVersion.ts';
import type { ModelVersionPolicy as _inference_ModelVersionPolicy, ModelVersionPolicy__Output as _inference_ModelVersionPolicy__Output } from '../../../inference/ModelVersionPolicy.ts';
import type { Rollout as _weft_models_v1_Rollout, Rollout__Output as _weft_models_v1_Rollout__Output } from '../../../weft/models/v1/Rollout.ts';
import type { Withdrawal as _weft_models_v1_Withdrawal, Withdrawal__Output as _weft_models_v1_Withdrawal__Output } from '../../../weft/models/v1/Withdrawal.ts';
import type { ModelConfig as _inference_ModelConfig, ModelConfig__Output as _inference_ModelConfig__Output } from '../../../inference/ModelConfig.ts';
import type { Long } from '@grpc/proto-loader';

export interface DesiredModel {
  'name'?: (string);
  'service'?: (string);
  'versions'?: (_weft_models_v1_DesiredVersion)[];
  'versionPolicy'?: (_inference_ModelVersionPolicy | null);
  'rollout'?: (_weft_models_v1_Rollout | null);
  'unloaded'?: (boolean);
  'withdrawals'?: (_weft_models_v1_Withdrawal)[];
  'loadGeneration'?: (number | string | Long);
  'configOverride'?: (_inference_ModelConfig | null);
}

export interface DesiredModel__Output {
  'name': (string);
  'service': (string);
  'versions': (_weft_models_v1_DesiredVersion__Output)[];
  'versionPolicy': (_inference_ModelVersionPolicy__Output | null);
  'rollout': (_weft_models_v1_Rollout__Output | null);
  'unloaded': (boolean);
  'withdrawals': (_weft_models_v1_Withdrawal__Output)[];
  'loadGeneration': (number);
  'configOverride': (_inference_ModelConfig__Output | null);
}
