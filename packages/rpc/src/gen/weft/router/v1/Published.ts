// Original file: proto/weft/router/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface Published {
  'version'?: (string);
  'revision'?: (number | string | Long);
}

export interface Published__Output {
  'version': (string);
  'revision': (number);
}
