// Original file: proto/weft/router/v1/admin.proto

import type { Manifest as _weft_router_v1_Manifest, Manifest__Output as _weft_router_v1_Manifest__Output } from '../../../weft/router/v1/Manifest.ts';

export interface PushRequest {
  'manifest'?: (_weft_router_v1_Manifest | null);
  'piece'?: (Buffer | Uint8Array | string);
  'kind'?: "manifest"|"piece";
}

export interface PushRequest__Output {
  'manifest'?: (_weft_router_v1_Manifest__Output | null);
  'piece'?: (Buffer);
  'kind'?: "manifest"|"piece";
}
