// Original file: proto/weft/executor/v1/executor.proto

import type { Long } from '@grpc/proto-loader';

export interface AppliedEvent {
  'model'?: (string);
  'revision'?: (number | string | Long);
  'settled'?: (boolean);
  'problem'?: (string);
}

export interface AppliedEvent__Output {
  'model': (string);
  'revision': (number);
  'settled': (boolean);
  'problem': (string);
}
