// Original file: proto/weft/vision/v1/vision.proto

import type { Detection as _weft_vision_v1_Detection, Detection__Output as _weft_vision_v1_Detection__Output } from '../../../weft/vision/v1/Detection.ts';
import type { Long } from '@grpc/proto-loader';

export interface VideoResult {
  'model'?: (string);
  'modelVersion'?: (string);
  'detections'?: (_weft_vision_v1_Detection)[];
  'frameId'?: (number | string | Long);
  'dropped'?: (boolean);
  'error'?: (string);
  'ageMs'?: (number);
}

export interface VideoResult__Output {
  'model': (string);
  'modelVersion': (string);
  'detections': (_weft_vision_v1_Detection__Output)[];
  'frameId': (number);
  'dropped': (boolean);
  'error': (string);
  'ageMs': (number);
}
