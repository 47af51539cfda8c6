// Original file: proto/weft/vision/v1/vision.proto

import type { Label as _weft_vision_v1_Label, Label__Output as _weft_vision_v1_Label__Output } from '../../../weft/vision/v1/Label.ts';

export interface ClassifyResponse {
  'model'?: (string);
  'modelVersion'?: (string);
  'labels'?: (_weft_vision_v1_Label)[];
}

export interface ClassifyResponse__Output {
  'model': (string);
  'modelVersion': (string);
  'labels': (_weft_vision_v1_Label__Output)[];
}
