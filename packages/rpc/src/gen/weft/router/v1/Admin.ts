// Original file: proto/weft/router/v1/admin.proto

import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetProfilesRequest as _weft_router_v1_GetProfilesRequest, GetProfilesRequest__Output as _weft_router_v1_GetProfilesRequest__Output } from '../../../weft/router/v1/GetProfilesRequest.ts';
import type { GetProfilesResponse as _weft_router_v1_GetProfilesResponse, GetProfilesResponse__Output as _weft_router_v1_GetProfilesResponse__Output } from '../../../weft/router/v1/GetProfilesResponse.ts';
import type { LoadModelRequest as _weft_router_v1_LoadModelRequest, LoadModelRequest__Output as _weft_router_v1_LoadModelRequest__Output } from '../../../weft/router/v1/LoadModelRequest.ts';
import type { LoadModelResponse as _weft_router_v1_LoadModelResponse, LoadModelResponse__Output as _weft_router_v1_LoadModelResponse__Output } from '../../../weft/router/v1/LoadModelResponse.ts';
import type { PushRequest as _weft_router_v1_PushRequest, PushRequest__Output as _weft_router_v1_PushRequest__Output } from '../../../weft/router/v1/PushRequest.ts';
import type { PushResponse as _weft_router_v1_PushResponse, PushResponse__Output as _weft_router_v1_PushResponse__Output } from '../../../weft/router/v1/PushResponse.ts';
import type { SetRolloutRequest as _weft_router_v1_SetRolloutRequest, SetRolloutRequest__Output as _weft_router_v1_SetRolloutRequest__Output } from '../../../weft/router/v1/SetRolloutRequest.ts';
import type { SetRolloutResponse as _weft_router_v1_SetRolloutResponse, SetRolloutResponse__Output as _weft_router_v1_SetRolloutResponse__Output } from '../../../weft/router/v1/SetRolloutResponse.ts';
import type { UnloadModelRequest as _weft_router_v1_UnloadModelRequest, UnloadModelRequest__Output as _weft_router_v1_UnloadModelRequest__Output } from '../../../weft/router/v1/UnloadModelRequest.ts';
import type { UnloadModelResponse as _weft_router_v1_UnloadModelResponse, UnloadModelResponse__Output as _weft_router_v1_UnloadModelResponse__Output } from '../../../weft/router/v1/UnloadModelResponse.ts';
import type { WatchModelsRequest as _weft_router_v1_WatchModelsRequest, WatchModelsRequest__Output as _weft_router_v1_WatchModelsRequest__Output } from '../../../weft/router/v1/WatchModelsRequest.ts';
import type { WatchModelsResponse as _weft_router_v1_WatchModelsResponse, WatchModelsResponse__Output as _weft_router_v1_WatchModelsResponse__Output } from '../../../weft/router/v1/WatchModelsResponse.ts';

export interface AdminDefinition {
  GetProfiles: MethodDefinition<_weft_router_v1_GetProfilesRequest, _weft_router_v1_GetProfilesResponse, _weft_router_v1_GetProfilesRequest__Output, _weft_router_v1_GetProfilesResponse__Output>
  LoadModel: MethodDefinition<_weft_router_v1_LoadModelRequest, _weft_router_v1_LoadModelResponse, _weft_router_v1_LoadModelRequest__Output, _weft_router_v1_LoadModelResponse__Output>
  Push: MethodDefinition<_weft_router_v1_PushRequest, _weft_router_v1_PushResponse, _weft_router_v1_PushRequest__Output, _weft_router_v1_PushResponse__Output>
  SetRollout: MethodDefinition<_weft_router_v1_SetRolloutRequest, _weft_router_v1_SetRolloutResponse, _weft_router_v1_SetRolloutRequest__Output, _weft_router_v1_SetRolloutResponse__Output>
  UnloadModel: MethodDefinition<_weft_router_v1_UnloadModelRequest, _weft_router_v1_UnloadModelResponse, _weft_router_v1_UnloadModelRequest__Output, _weft_router_v1_UnloadModelResponse__Output>
  WatchModels: MethodDefinition<_weft_router_v1_WatchModelsRequest, _weft_router_v1_WatchModelsResponse, _weft_router_v1_WatchModelsRequest__Output, _weft_router_v1_WatchModelsResponse__Output>
}
