// Original file: proto/weft/executor/v1/executor.proto

import type { Long } from '@grpc/proto-loader';

export interface Execution {
  'rows'?: (number);
  'computeInputUs'?: (number | string | Long);
  'computeInferUs'?: (number | string | Long);
  'computeOutputUs'?: (number | string | Long);
}

export interface Execution__Output {
  'rows': (number);
  'computeInputUs': (number);
  'computeInferUs': (number);
  'computeOutputUs': (number);
}
