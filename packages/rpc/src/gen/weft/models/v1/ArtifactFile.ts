// Original file: proto/weft/models/v1/models.proto

import type { Long } from '@grpc/proto-loader';

export interface ArtifactFile {
  'path'?: (string);
  'sha256'?: (string);
  'size'?: (number | string | Long);
  'source'?: (string);
}

export interface ArtifactFile__Output {
  'path': (string);
  'sha256': (string);
  'size': (number);
  'source': (string);
}
