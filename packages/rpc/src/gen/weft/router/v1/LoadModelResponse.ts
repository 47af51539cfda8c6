// Original file: proto/weft/router/v1/admin.proto

import type { Outcome as _weft_router_v1_Outcome, Outcome__Output as _weft_router_v1_Outcome__Output } from '../../../weft/router/v1/Outcome.ts';

export interface LoadModelResponse {
  'outcome'?: (_weft_router_v1_Outcome | null);
}

export interface LoadModelResponse__Output {
  'outcome': (_weft_router_v1_Outcome__Output | null);
}
