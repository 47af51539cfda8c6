// Original file: proto/weft/executor/v1/executor.proto

import type { Long } from '@grpc/proto-loader';

export interface Item {
  'payload'?: (Buffer | Uint8Array | string);
  'timeoutUs'?: (number | string | Long);
  'rows'?: (number);
  'traceparent'?: (string);
  'tenant'?: (string);
}

export interface Item__Output {
  'payload': (Buffer);
  'timeoutUs': (number);
  'rows': (number);
  'traceparent': (string);
  'tenant': (string);
}
