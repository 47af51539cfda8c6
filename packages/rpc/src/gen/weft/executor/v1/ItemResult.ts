// Original file: proto/weft/executor/v1/executor.proto

import type { Status as _weft_executor_v1_Status, Status__Output as _weft_executor_v1_Status__Output } from '../../../weft/executor/v1/Status.ts';
import type { Long } from '@grpc/proto-loader';

export interface ItemResult {
  'index'?: (number);
  'payload'?: (Buffer | Uint8Array | string);
  'status'?: (_weft_executor_v1_Status | null);
  'queueUs'?: (number | string | Long);
  'computeInputUs'?: (number | string | Long);
  'computeInferUs'?: (number | string | Long);
  'computeOutputUs'?: (number | string | Long);
  'outcome'?: "payload"|"status";
}

export interface ItemResult__Output {
  'index': (number);
  'payload'?: (Buffer);
  'status'?: (_weft_executor_v1_Status__Output | null);
  'queueUs': (number);
  'computeInputUs': (number);
  'computeInferUs': (number);
  'computeOutputUs': (number);
  'outcome'?: "payload"|"status";
}
