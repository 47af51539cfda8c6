// Original file: proto/weft/executor/v1/executor.proto

import type { Sequence as _weft_executor_v1_Sequence, Sequence__Output as _weft_executor_v1_Sequence__Output } from '../../../weft/executor/v1/Sequence.ts';
import type { Long } from '@grpc/proto-loader';

export interface Item {
  'payload'?: (Buffer | Uint8Array | string);
  'timeoutUs'?: (number | string | Long);
  'rows'?: (number);
  'traceparent'?: (string);
  'tenant'?: (string);
  'sequence'?: (_weft_executor_v1_Sequence | null);
}

export interface Item__Output {
  'payload': (Buffer);
  'timeoutUs': (number);
  'rows': (number);
  'traceparent': (string);
  'tenant': (string);
  'sequence': (_weft_executor_v1_Sequence__Output | null);
}
