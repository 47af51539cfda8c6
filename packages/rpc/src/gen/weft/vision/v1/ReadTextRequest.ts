// Original file: proto/weft/vision/v1/vision.proto

import type { Image as _weft_vision_v1_Image, Image__Output as _weft_vision_v1_Image__Output } from '../../../weft/vision/v1/Image.ts';

export interface ReadTextRequest {
  'model'?: (string);
  'modelVersion'?: (string);
  'image'?: (_weft_vision_v1_Image | null);
}

export interface ReadTextRequest__Output {
  'model': (string);
  'modelVersion': (string);
  'image': (_weft_vision_v1_Image__Output | null);
}
