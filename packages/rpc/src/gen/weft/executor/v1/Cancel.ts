// Original file: proto/weft/executor/v1/executor.proto

import type { Long } from '@grpc/proto-loader';

export interface Cancel {
  'batchId'?: (number | string | Long);
  'items'?: (number)[];
}

export interface Cancel__Output {
  'batchId': (number);
  'items': (number)[];
}
