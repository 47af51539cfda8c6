// Original file: proto/weft/executor/v1/executor.proto

import type { Long } from '@grpc/proto-loader';

export interface Sequence {
  'key'?: (string);
  'number'?: (number | string | Long);
  'text'?: (string);
  'start'?: (boolean);
  'end'?: (boolean);
  'id'?: "number"|"text";
}

export interface Sequence__Output {
  'key': (string);
  'number'?: (number);
  'text'?: (string);
  'start': (boolean);
  'end': (boolean);
  'id'?: "number"|"text";
}
