// Original file: proto/weft/vision/v1/vision.proto

import type { Image as _weft_vision_v1_Image, Image__Output as _weft_vision_v1_Image__Output } from '../../../weft/vision/v1/Image.ts';
import type { Long } from '@grpc/proto-loader';

export interface VideoFrame {
  'model'?: (string);
  'modelVersion'?: (string);
  'image'?: (_weft_vision_v1_Image | null);
  'frameId'?: (number | string | Long);
  'minScore'?: (number | string);
  'dropIfLate'?: (boolean);
  'maxAgeMs'?: (number);
  'takenAtMs'?: (number | string | Long);
}

export interface VideoFrame__Output {
  'model': (string);
  'modelVersion': (string);
  'image': (_weft_vision_v1_Image__Output | null);
  'frameId': (number);
  'minScore': (number);
  'dropIfLate': (boolean);
  'maxAgeMs': (number);
  'takenAtMs': (number);
}
