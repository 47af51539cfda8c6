// Original file: proto/weft/executor/v1/executor.proto

import type { PipeOpen as _weft_executor_v1_PipeOpen, PipeOpen__Output as _weft_executor_v1_PipeOpen__Output } from '../../../weft/executor/v1/PipeOpen.ts';
import type { Fragment as _weft_executor_v1_Fragment, Fragment__Output as _weft_executor_v1_Fragment__Output } from '../../../weft/executor/v1/Fragment.ts';

export interface PipeRequest {
  'open'?: (_weft_executor_v1_PipeOpen | null);
  'message'?: (Buffer | Uint8Array | string);
  'fragment'?: (_weft_executor_v1_Fragment | null);
  'kind'?: "open"|"message"|"fragment";
}

export interface PipeRequest__Output {
  'open'?: (_weft_executor_v1_PipeOpen__Output | null);
  'message'?: (Buffer);
  'fragment'?: (_weft_executor_v1_Fragment__Output | null);
  'kind'?: "open"|"message"|"fragment";
}
