// Original file: proto/weft/executor/v1/executor.proto

import type { Long } from '@grpc/proto-loader';

export interface PipeOpen {
  'model'?: (string);
  'version'?: (string);
  'method'?: (string);
  'timeoutUs'?: (number | string | Long);
  'traceparent'?: (string);
  'tenant'?: (string);
  'priority'?: (number);
  'tellBegun'?: (boolean);
  'patienceMs'?: (number);
  '_patienceMs'?: "patienceMs";
}

export interface PipeOpen__Output {
  'model': (string);
  'version': (string);
  'method': (string);
  'timeoutUs': (number);
  'traceparent': (string);
  'tenant': (string);
  'priority': (number);
  'tellBegun': (boolean);
  'patienceMs'?: (number);
  '_patienceMs'?: "patienceMs";
}
