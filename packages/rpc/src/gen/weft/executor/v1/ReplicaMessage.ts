// Original file: proto/weft/executor/v1/executor.proto

import type { Credit as _weft_executor_v1_Credit, Credit__Output as _weft_executor_v1_Credit__Output } from '../../../weft/executor/v1/Credit.ts';
import type { CreditReturn as _weft_executor_v1_CreditReturn, CreditReturn__Output as _weft_executor_v1_CreditReturn__Output } from '../../../weft/executor/v1/CreditReturn.ts';
import type { Result as _weft_executor_v1_Result, Result__Output as _weft_executor_v1_Result__Output } from '../../../weft/executor/v1/Result.ts';
import type { Drain as _weft_executor_v1_Drain, Drain__Output as _weft_executor_v1_Drain__Output } from '../../../weft/executor/v1/Drain.ts';
import type { Fragment as _weft_executor_v1_Fragment, Fragment__Output as _weft_executor_v1_Fragment__Output } from '../../../weft/executor/v1/Fragment.ts';
import type { Sharing as _weft_executor_v1_Sharing, Sharing__Output as _weft_executor_v1_Sharing__Output } from '../../../weft/executor/v1/Sharing.ts';

export interface ReplicaMessage {
  'credit'?: (_weft_executor_v1_Credit | null);
  'creditReturn'?: (_weft_executor_v1_CreditReturn | null);
  'result'?: (_weft_executor_v1_Result | null);
  'drain'?: (_weft_executor_v1_Drain | null);
  'fragment'?: (_weft_executor_v1_Fragment | null);
  'sharing'?: (_weft_executor_v1_Sharing | null);
  'reservedCredit'?: (_weft_executor_v1_Credit | null);
  'kind'?: "credit"|"creditReturn"|"result"|"drain"|"fragment"|"sharing"|"reservedCredit";
}

export interface ReplicaMessage__Output {
  'credit'?: (_weft_executor_v1_Credit__Output | null);
  'creditReturn'?: (_weft_executor_v1_CreditReturn__Output | null);
  'result'?: (_weft_executor_v1_Result__Output | null);
  'drain'?: (_weft_executor_v1_Drain__Output | null);
  'fragment'?: (_weft_executor_v1_Fragment__Output | null);
  'sharing'?: (_weft_executor_v1_Sharing__Output | null);
  'reservedCredit'?: (_weft_executor_v1_Credit__Output | null);
  'kind'?: "credit"|"creditReturn"|"result"|"drain"|"fragment"|"sharing"|"reservedCredit";
}
