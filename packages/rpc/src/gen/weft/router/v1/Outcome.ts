// Original file: proto/weft/router/v1/admin.proto

import type { ReplicaOutcome as _weft_router_v1_ReplicaOutcome, ReplicaOutcome__Output as _weft_router_v1_ReplicaOutcome__Output } from '../../../weft/router/v1/ReplicaOutcome.ts';
import type { Long } from '@grpc/proto-loader';

export interface Outcome {
  'revision'?: (number | string | Long);
  'settled'?: (boolean);
  'replicas'?: (_weft_router_v1_ReplicaOutcome)[];
}

export interface Outcome__Output {
  'revision': (number);
  'settled': (boolean);
  'replicas': (_weft_router_v1_ReplicaOutcome__Output)[];
}
