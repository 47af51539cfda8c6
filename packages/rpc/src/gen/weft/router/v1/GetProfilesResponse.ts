// Original file: proto/weft/router/v1/admin.proto

import type { ReplicaProfile as _weft_router_v1_ReplicaProfile, ReplicaProfile__Output as _weft_router_v1_ReplicaProfile__Output } from '../../../weft/router/v1/ReplicaProfile.ts';

export interface GetProfilesResponse {
  'profiles'?: (_weft_router_v1_ReplicaProfile)[];
}

export interface GetProfilesResponse__Output {
  'profiles': (_weft_router_v1_ReplicaProfile__Output)[];
}
