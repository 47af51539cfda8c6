// Original file: proto/weft/router/v1/admin.proto

import type { ReplicaVersion as _weft_router_v1_ReplicaVersion, ReplicaVersion__Output as _weft_router_v1_ReplicaVersion__Output } from '../../../weft/router/v1/ReplicaVersion.ts';
import type { Long } from '@grpc/proto-loader';

export interface VersionStatus {
  'version'?: (string);
  'share'?: (number | string);
  'shadowShare'?: (number | string);
  'withdrawn'?: (string);
  'replicas'?: (_weft_router_v1_ReplicaVersion)[];
  'answered'?: (number | string | Long);
  'failed'?: (number | string | Long);
}

export interface VersionStatus__Output {
  'version': (string);
  'share': (number);
  'shadowShare': (number);
  'withdrawn': (string);
  'replicas': (_weft_router_v1_ReplicaVersion__Output)[];
  'answered': (number);
  'failed': (number);
}
