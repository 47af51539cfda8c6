// Original file: proto/weft/vision/v1/vision.proto

import type { Detection as _weft_vision_v1_Detection, Detection__Output as _weft_vision_v1_Detection__Output } from '../../../weft/vision/v1/Detection.ts';

export interface DetectResponse {
  'model'?: (string);
  'modelVersion'?: (string);
  'detections'?: (_weft_vision_v1_Detection)[];
}

export interface DetectResponse__Output {
  'model': (string);
  'modelVersion': (string);
  'detections': (_weft_vision_v1_Detection__Output)[];
}
