// Original file: proto/weft/executor/v1/executor.proto

import type { Long } from '@grpc/proto-loader';

export interface WarmupRun {
  'rows'?: (number);
  'computeUs'?: (number | string | Long);
}

export interface WarmupRun__Output {
  'rows': (number);
  'computeUs': (number);
}
