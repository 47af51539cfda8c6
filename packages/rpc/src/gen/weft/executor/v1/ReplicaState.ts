// Original file: proto/weft/executor/v1/executor.proto

import type { Method as _weft_executor_v1_Method, Method__Output as _weft_executor_v1_Method__Output } from '../../../weft/executor/v1/Method.ts';
import type { ModelVersion as _weft_executor_v1_ModelVersion, ModelVersion__Output as _weft_executor_v1_ModelVersion__Output } from '../../../weft/executor/v1/ModelVersion.ts';
import type { AppliedEvent as _weft_executor_v1_AppliedEvent, AppliedEvent__Output as _weft_executor_v1_AppliedEvent__Output } from '../../../weft/executor/v1/AppliedEvent.ts';

export interface ReplicaState {
  'replicaId'?: (string);
  'service'?: (string);
  'methods'?: (_weft_executor_v1_Method)[];
  'models'?: (_weft_executor_v1_ModelVersion)[];
  'ready'?: (boolean);
  'draining'?: (boolean);
  'applied'?: (_weft_executor_v1_AppliedEvent)[];
  'eventLogProblem'?: (string);
}

export interface ReplicaState__Output {
  'replicaId': (string);
  'service': (string);
  'methods': (_weft_executor_v1_Method__Output)[];
  'models': (_weft_executor_v1_ModelVersion__Output)[];
  'ready': (boolean);
  'draining': (boolean);
  'applied': (_weft_executor_v1_AppliedEvent__Output)[];
  'eventLogProblem': (string);
}
