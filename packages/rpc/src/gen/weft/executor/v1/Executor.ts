// Original file: proto/weft/executor/v1/executor.proto

import type { MethodDefinition } from '@grpc/proto-loader'
import type { CancelPipeRequest as _weft_executor_v1_CancelPipeRequest, CancelPipeRequest__Output as _weft_executor_v1_CancelPipeRequest__Output } from '../../../weft/executor/v1/CancelPipeRequest.ts';
import type { CancelPipeResponse as _weft_executor_v1_CancelPipeResponse, CancelPipeResponse__Output as _weft_executor_v1_CancelPipeResponse__Output } from '../../../weft/executor/v1/CancelPipeResponse.ts';
import type { PipeRequest as _weft_executor_v1_PipeRequest, PipeRequest__Output as _weft_executor_v1_PipeRequest__Output } from '../../../weft/executor/v1/PipeRequest.ts';
import type { PipeResponse as _weft_executor_v1_PipeResponse, PipeResponse__Output as _weft_executor_v1_PipeResponse__Output } from '../../../weft/executor/v1/PipeResponse.ts';
import type { ReplicaMessage as _weft_executor_v1_ReplicaMessage, ReplicaMessage__Output as _weft_executor_v1_ReplicaMessage__Output } from '../../../weft/executor/v1/ReplicaMessage.ts';
import type { ReplicaState as _weft_executor_v1_ReplicaState, ReplicaState__Output as _weft_executor_v1_ReplicaState__Output } from '../../../weft/executor/v1/ReplicaState.ts';
import type { RouterMessage as _weft_executor_v1_RouterMessage, RouterMessage__Output as _weft_executor_v1_RouterMessage__Output } from '../../../weft/executor/v1/RouterMessage.ts';
import type { WatchRequest as _weft_executor_v1_WatchRequest, WatchRequest__Output as _weft_executor_v1_WatchRequest__Output } from '../../../weft/executor/v1/WatchRequest.ts';

export interface ExecutorDefinition {
  Attach: MethodDefinition<_weft_executor_v1_RouterMessage, _weft_executor_v1_ReplicaMessage, _weft_executor_v1_RouterMessage__Output, _weft_executor_v1_ReplicaMessage__Output>
  CancelPipe: MethodDefinition<_weft_executor_v1_CancelPipeRequest, _weft_executor_v1_CancelPipeResponse, _weft_executor_v1_CancelPipeRequest__Output, _weft_executor_v1_CancelPipeResponse__Output>
  Pipe: MethodDefinition<_weft_executor_v1_PipeRequest, _weft_executor_v1_PipeResponse, _weft_executor_v1_PipeRequest__Output, _weft_executor_v1_PipeResponse__Output>
  Watch: MethodDefinition<_weft_executor_v1_WatchRequest, _weft_executor_v1_ReplicaState, _weft_executor_v1_WatchRequest__Output, _weft_executor_v1_ReplicaState__Output>
}
