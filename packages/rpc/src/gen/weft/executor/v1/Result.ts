// Original file: proto/weft/executor/v1/executor.proto

import type { ItemResult as _weft_executor_v1_ItemResult, ItemResult__Output as _weft_executor_v1_ItemResult__Output } from '../../../weft/executor/v1/ItemResult.ts';
import type { Execution as _weft_executor_v1_Execution, Execution__Output as _weft_executor_v1_Execution__Output } from '../../../weft/executor/v1/Execution.ts';
import type { Long } from '@grpc/proto-loader';

export interface Result {
  'batchId'?: (number | string | Long);
  'items'?: (_weft_executor_v1_ItemResult)[];
  'undelivered'?: (boolean);
  'last'?: (boolean);
  'crashed'?: (boolean);
  'executions'?: (_weft_executor_v1_Execution)[];
}

export interface Result__Output {
  'batchId': (number);
  'items': (_weft_executor_v1_ItemResult__Output)[];
  'undelivered': (boolean);
  'last': (boolean);
  'crashed': (boolean);
  'executions': (_weft_executor_v1_Execution__Output)[];
}
