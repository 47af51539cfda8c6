// Original file: proto/weft/executor/v1/executor.proto

import type { Open as _weft_executor_v1_Open, Open__Output as _weft_executor_v1_Open__Output } from '../../../weft/executor/v1/Open.ts';
import type { Demand as _weft_executor_v1_Demand, Demand__Output as _weft_executor_v1_Demand__Output } from '../../../weft/executor/v1/Demand.ts';
import type { Batch as _weft_executor_v1_Batch, Batch__Output as _weft_executor_v1_Batch__Output } from '../../../weft/executor/v1/Batch.ts';
import type { Cancel as _weft_executor_v1_Cancel, Cancel__Output as _weft_executor_v1_Cancel__Output } from '../../../weft/executor/v1/Cancel.ts';
import type { Fragment as _weft_executor_v1_Fragment, Fragment__Output as _weft_executor_v1_Fragment__Output } from '../../../weft/executor/v1/Fragment.ts';

export interface RouterMessage {
  'open'?: (_weft_executor_v1_Open | null);
  'demand'?: (_weft_executor_v1_Demand | null);
  'batch'?: (_weft_executor_v1_Batch | null);
  'cancel'?: (_weft_executor_v1_Cancel | null);
  'fragment'?: (_weft_executor_v1_Fragment | null);
  'kind'?: "open"|"demand"|"batch"|"cancel"|"fragment";
}

export interface RouterMessage__Output {
  'open'?: (_weft_executor_v1_Open__Output | null);
  'demand'?: (_weft_executor_v1_Demand__Output | null);
  'batch'?: (_weft_executor_v1_Batch__Output | null);
  'cancel'?: (_weft_executor_v1_Cancel__Output | null);
  'fragment'?: (_weft_executor_v1_Fragment__Output | null);
  'kind'?: "open"|"demand"|"batch"|"cancel"|"fragment";
}
