// Original file: proto/weft/router/v1/admin.proto

import type { DesiredModel as _weft_models_v1_DesiredModel, DesiredModel__Output as _weft_models_v1_DesiredModel__Output } from '../../../weft/models/v1/DesiredModel.ts';
import type { Outcome as _weft_router_v1_Outcome, Outcome__Output as _weft_router_v1_Outcome__Output } from '../../../weft/router/v1/Outcome.ts';

export interface SetRolloutResponse {
  'model'?: (_weft_models_v1_DesiredModel | null);
  'outcome'?: (_weft_router_v1_Outcome | null);
}

export interface SetRolloutResponse__Output {
  'model': (_weft_models_v1_DesiredModel__Output | null);
  'outcome': (_weft_router_v1_Outcome__Output | null);
}
