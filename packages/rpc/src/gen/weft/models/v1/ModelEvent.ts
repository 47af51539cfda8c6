// Original file: proto/weft/models/v1/models.proto

import type { DesiredModel as _weft_models_v1_DesiredModel, DesiredModel__Output as _weft_models_v1_DesiredModel__Output } from '../../../weft/models/v1/DesiredModel.ts';
import type { Long } from '@grpc/proto-loader';

export interface ModelEvent {
  'model'?: (_weft_models_v1_DesiredModel | null);
  'author'?: (string);
  'atMs'?: (number | string | Long);
  'traceparent'?: (string);
  'reason'?: (string);
  'kind'?: "model";
}

export interface ModelEvent__Output {
  'model'?: (_weft_models_v1_DesiredModel__Output | null);
  'author': (string);
  'atMs': (number);
  'traceparent': (string);
  'reason': (string);
  'kind'?: "model";
}
