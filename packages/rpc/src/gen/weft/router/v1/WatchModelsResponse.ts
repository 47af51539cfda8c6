// Original file: proto/weft/router/v1/admin.proto

import type { ModelStatus as _weft_router_v1_ModelStatus, ModelStatus__Output as _weft_router_v1_ModelStatus__Output } from '../../../weft/router/v1/ModelStatus.ts';

export interface WatchModelsResponse {
  'models'?: (_weft_router_v1_ModelStatus)[];
  'eventLogProblem'?: (string);
}

export interface WatchModelsResponse__Output {
  'models': (_weft_router_v1_ModelStatus__Output)[];
  'eventLogProblem': (string);
}
