// Original file: proto/weft/router/v1/admin.proto

import type { BatchTime as _weft_router_v1_BatchTime, BatchTime__Output as _weft_router_v1_BatchTime__Output } from '../../../weft/router/v1/BatchTime.ts';

export interface ReplicaProfile {
  'version'?: (string);
  'method'?: (string);
  'endpoint'?: (string);
  'instances'?: (number);
  'maxBatchSize'?: (number);
  'times'?: (_weft_router_v1_BatchTime)[];
  'deviation'?: (number | string);
  'marginMs'?: (number | string);
}

export interface ReplicaProfile__Output {
  'version': (string);
  'method': (string);
  'endpoint': (string);
  'instances': (number);
  'maxBatchSize': (number);
  'times': (_weft_router_v1_BatchTime__Output)[];
  'deviation': (number);
  'marginMs': (number);
}
