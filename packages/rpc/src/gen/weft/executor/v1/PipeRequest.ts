// Original file: proto/weft/executor/v1/executor.proto

import type { PipeOpen as _weft_executor_v1_PipeOpen, PipeOpen__Output as _weft_executor_v1_PipeOpen__Output } from '../../../weft/executor/v1/PipeOpen.ts';

export interface PipeRequest {
  'open'?: (_weft_executor_v1_PipeOpen | null);
  'message'?: (Buffer | Uint8Array | string);
  'kind'?: "open"|"message";
}

export interface PipeRequest__Output {
  'open'?: (_weft_executor_v1_PipeOpen__Output | null);
  'message'?: (Buffer);
  'kind'?: "open"|"message";
}
