// Original file: proto/weft/executor/v1/executor.proto

import type { Long } from '@grpc/proto-loader';

export interface Demand {
  'version'?: (string);
  'rows'?: (number);
  'slackUs'?: (number | string | Long);
  'priority'?: (number);
}

export interface Demand__Output {
  'version': (string);
  'rows': (number);
  'slackUs': (number);
  'priority': (number);
}
