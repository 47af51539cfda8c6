// Original file: proto/weft/router/v1/admin.proto

import type { ModelEvent as _weft_models_v1_ModelEvent, ModelEvent__Output as _weft_models_v1_ModelEvent__Output } from '../../../weft/models/v1/ModelEvent.ts';
import type { VersionStatus as _weft_router_v1_VersionStatus, VersionStatus__Output as _weft_router_v1_VersionStatus__Output } from '../../../weft/router/v1/VersionStatus.ts';
import type { Long } from '@grpc/proto-loader';

export interface ModelStatus {
  'name'?: (string);
  'service'?: (string);
  'event'?: (_weft_models_v1_ModelEvent | null);
  'revision'?: (number | string | Long);
  'versions'?: (_weft_router_v1_VersionStatus)[];
  'reason'?: (string);
}

export interface ModelStatus__Output {
  'name': (string);
  'service': (string);
  'event': (_weft_models_v1_ModelEvent__Output | null);
  'revision': (number);
  'versions': (_weft_router_v1_VersionStatus__Output)[];
  'reason': (string);
}
