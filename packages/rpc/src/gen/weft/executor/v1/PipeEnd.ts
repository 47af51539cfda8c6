// Original file: proto/weft/executor/v1/executor.proto

import type { Status as _weft_executor_v1_Status, Status__Output as _weft_executor_v1_Status__Output } from '../../../weft/executor/v1/Status.ts';

export interface PipeEnd {
  'status'?: (_weft_executor_v1_Status | null);
  'unbegun'?: (boolean);
  'retryAfterMs'?: (number);
  'crashed'?: (boolean);
  'full'?: (boolean);
}

export interface PipeEnd__Output {
  'status': (_weft_executor_v1_Status__Output | null);
  'unbegun': (boolean);
  'retryAfterMs': (number);
  'crashed': (boolean);
  'full': (boolean);
}
