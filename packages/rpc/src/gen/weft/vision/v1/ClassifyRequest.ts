// Original file: proto/weft/vision/v1/vision.proto

import type { Image as _weft_vision_v1_Image, Image__Output as _weft_vision_v1_Image__Output } from '../../../weft/vision/v1/Image.ts';

export interface ClassifyRequest {
  'model'?: (string);
  'modelVersion'?: (string);
  'image'?: (_weft_vision_v1_Image | null);
  'topK'?: (number);
}

export interface ClassifyRequest__Output {
  'model': (string);
  'modelVersion': (string);
  'image': (_weft_vision_v1_Image__Output | null);
  'topK': (number);
}
