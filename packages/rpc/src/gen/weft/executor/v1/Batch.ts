// Original file: proto/weft/executor/v1/executor.proto

import type { Item as _weft_executor_v1_Item, Item__Output as _weft_executor_v1_Item__Output } from '../../../weft/executor/v1/Item.ts';
import type { Long } from '@grpc/proto-loader';

export interface Batch {
  'id'?: (number | string | Long);
  'version'?: (string);
  'method'?: (string);
  'instance'?: (number);
  'items'?: (_weft_executor_v1_Item)[];
  'releasedSequences'?: (string)[];
}

export interface Batch__Output {
  'id': (number);
  'version': (string);
  'method': (string);
  'instance': (number);
  'items': (_weft_executor_v1_Item__Output)[];
  'releasedSequences': (string)[];
}
