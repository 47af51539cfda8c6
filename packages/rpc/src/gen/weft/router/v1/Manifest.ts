// Original file: proto/weft/router/v1/admin.proto

import type { ModelConfig as _inference_ModelConfig, ModelConfig__Output as _inference_ModelConfig__Output } from '../../../inference/ModelConfig.ts';
import type { ArtifactFile as _weft_models_v1_ArtifactFile, ArtifactFile__Output as _weft_models_v1_ArtifactFile__Output } from '../../../weft/models/v1/ArtifactFile.ts';
import type { Signature as _weft_models_v1_Signature, Signature__Output as _weft_models_v1_Signature__Output } from '../../../weft/models/v1/Signature.ts';

export interface Manifest {
  'name'?: (string);
  'version'?: (string);
  'service'?: (string);
  'config'?: (_inference_ModelConfig | null);
  'files'?: (_weft_models_v1_ArtifactFile)[];
  'signatures'?: (_weft_models_v1_Signature)[];
  'canaryShare'?: (number | string);
  'shadowShare'?: (number | string);
}

export interface Manifest__Output {
  'name': (string);
  'version': (string);
  'service': (string);
  'config': (_inference_ModelConfig__Output | null);
  'files': (_weft_models_v1_ArtifactFile__Output)[];
  'signatures': (_weft_models_v1_Signature__Output)[];
  'canaryShare': (number);
  'shadowShare': (number);
}
