// Original file: proto/weft/executor/v1/executor.proto

import type { PipeOpen as _weft_executor_v1_PipeOpen, PipeOpen__Output as _weft_executor_v1_PipeOpen__Output } from '../../../weft/executor/v1/PipeOpen.ts';
import type { PipeHalfClose as _weft_executor_v1_PipeHalfClose, PipeHalfClose__Output as _weft_executor_v1_PipeHalfClose__Output } from '../../../weft/executor/v1/PipeHalfClose.ts';
import type { Fragment as _weft_executor_v1_Fragment, Fragment__Output as _weft_executor_v1_Fragment__Output } from '../../../weft/executor/v1/Fragment.ts';

export interface PipeRequest {
  'open'?: (_weft_executor_v1_PipeOpen | null);
  'message'?: (Buffer | Uint8Array | string)[];
  'halfClose'?: (_weft_executor_v1_PipeHalfClose | null);
  'fragment'?: (_weft_executor_v1_Fragment | null);
}

export interface PipeRequest__Output {
  'open': (_weft_executor_v1_PipeOpen__Output | null);
  'message': (Buffer)[];
  'halfClose': (_weft_executor_v1_PipeHalfClose__Output | null);
  'fragment': (_weft_executor_v1_Fragment__Output | null);
}
