// Original file: proto/weft/vision/v1/vision.proto

import type { Image as _weft_vision_v1_Image, Image__Output as _weft_vision_v1_Image__Output } from '../../../weft/vision/v1/Image.ts';

export interface DetectRequest {
  'model'?: (string);
  'modelVersion'?: (string);
  'image'?: (_weft_vision_v1_Image | null);
  'minScore'?: (number | string);
  'maxResults'?: (number);
}

export interface DetectRequest__Output {
  'model': (string);
  'modelVersion': (string);
  'image': (_weft_vision_v1_Image__Output | null);
  'minScore': (number);
  'maxResults': (number);
}
