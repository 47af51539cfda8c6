// Original file: proto/weft/executor/v1/executor.proto

import type { PipeEnd as _weft_executor_v1_PipeEnd, PipeEnd__Output as _weft_executor_v1_PipeEnd__Output } from '../../../weft/executor/v1/PipeEnd.ts';
import type { PipeBegun as _weft_executor_v1_PipeBegun, PipeBegun__Output as _weft_executor_v1_PipeBegun__Output } from '../../../weft/executor/v1/PipeBegun.ts';
import type { Fragment as _weft_executor_v1_Fragment, Fragment__Output as _weft_executor_v1_Fragment__Output } from '../../../weft/executor/v1/Fragment.ts';

export interface PipeResponse {
  'message'?: (Buffer | Uint8Array | string)[];
  'end'?: (_weft_executor_v1_PipeEnd | null);
  'begun'?: (_weft_executor_v1_PipeBegun | null);
  'fragment'?: (_weft_executor_v1_Fragment | null);
}

export interface PipeResponse__Output {
  'message': (Buffer)[];
  'end': (_weft_executor_v1_PipeEnd__Output | null);
  'begun': (_weft_executor_v1_PipeBegun__Output | null);
  'fragment': (_weft_executor_v1_Fragment__Output | null);
}
