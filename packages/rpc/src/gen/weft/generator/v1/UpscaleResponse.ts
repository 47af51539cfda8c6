// Original file: proto/weft/generator/v1/generator.proto

import type { Image as _weft_vision_v1_Image, Image__Output as _weft_vision_v1_Image__Output } from '../../../weft/vision/v1/Image.ts';

export interface UpscaleResponse {
  'model'?: (string);
  'modelVersion'?: (string);
  'image'?: (_weft_vision_v1_Image | null);
  'scale'?: (number);
}

export interface UpscaleResponse__Output {
  'model': (string);
  'modelVersion': (string);
  'image': (_weft_vision_v1_Image__Output | null);
  'scale': (number);
}
