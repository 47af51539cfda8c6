// Original file: proto/weft/models/v1/models.proto

import type { Long } from '@grpc/proto-loader';

export interface Withdrawal {
  'version'?: (string);
  'reason'?: (string);
  'atMs'?: (number | string | Long);
}

export interface Withdrawal__Output {
  'version': (string);
  'reason': (string);
  'atMs': (number);
}
