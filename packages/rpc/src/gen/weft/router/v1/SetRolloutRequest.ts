// Original file: proto/weft/router/v1/admin.proto

import type { Promote as _weft_router_v1_Promote, Promote__Output as _weft_router_v1_Promote__Output } from '../../../weft/router/v1/Promote.ts';
import type { RollBack as _weft_router_v1_RollBack, RollBack__Output as _weft_router_v1_RollBack__Output } from '../../../weft/router/v1/RollBack.ts';
import type { Canary as _weft_router_v1_Canary, Canary__Output as _weft_router_v1_Canary__Output } from '../../../weft/router/v1/Canary.ts';
import type { Shadow as _weft_router_v1_Shadow, Shadow__Output as _weft_router_v1_Shadow__Output } from '../../../weft/router/v1/Shadow.ts';

export interface SetRolloutRequest {
  'name'?: (string);
  'promote'?: (_weft_router_v1_Promote | null);
  'rollBack'?: (_weft_router_v1_RollBack | null);
  'canary'?: (_weft_router_v1_Canary | null);
  'shadow'?: (_weft_router_v1_Shadow | null);
  'change'?: "promote"|"rollBack"|"canary"|"shadow";
}

export interface SetRolloutRequest__Output {
  'name': (string);
  'promote'?: (_weft_router_v1_Promote__Output | null);
  'rollBack'?: (_weft_router_v1_RollBack__Output | null);
  'canary'?: (_weft_router_v1_Canary__Output | null);
  'shadow'?: (_weft_router_v1_Shadow__Output | null);
  'change'?: "promote"|"rollBack"|"canary"|"shadow";
}
