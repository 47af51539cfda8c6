// Original file: proto/weft/router/v1/admin.proto

import type { WantedFiles as _weft_router_v1_WantedFiles, WantedFiles__Output as _weft_router_v1_WantedFiles__Output } from '../../../weft/router/v1/WantedFiles.ts';
import type { Published as _weft_router_v1_Published, Published__Output as _weft_router_v1_Published__Output } from '../../../weft/router/v1/Published.ts';
import type { Outcome as _weft_router_v1_Outcome, Outcome__Output as _weft_router_v1_Outcome__Output } from '../../../weft/router/v1/Outcome.ts';
import type { Long } from '@grpc/proto-loader';

export interface PushResponse {
  'wanted'?: (_weft_router_v1_WantedFiles | null);
  'storedBytes'?: (number | string | Long);
  'published'?: (_weft_router_v1_Published | null);
  'outcome'?: (_weft_router_v1_Outcome | null);
  'kind'?: "wanted"|"storedBytes"|"published"|"outcome";
}

export interface PushResponse__Output {
  'wanted'?: (_weft_router_v1_WantedFiles__Output | null);
  'storedBytes'?: (number);
  'published'?: (_weft_router_v1_Published__Output | null);
  'outcome'?: (_weft_router_v1_Outcome__Output | null);
  'kind'?: "wanted"|"storedBytes"|"published"|"outcome";
}
