// Original file: proto/weft/generator/v1/generator.proto

import type { Image as _weft_vision_v1_Image, Image__Output as _weft_vision_v1_Image__Output } from '../../../weft/vision/v1/Image.ts';
import type { ImageFormat as _weft_generator_v1_ImageFormat, ImageFormat__Output as _weft_generator_v1_ImageFormat__Output } from '../../../weft/generator/v1/ImageFormat.ts';

export interface UpscaleRequest {
  'model'?: (string);
  'modelVersion'?: (string);
  'image'?: (_weft_vision_v1_Image | null);
  'format'?: (_weft_generator_v1_ImageFormat);
}

export interface UpscaleRequest__Output {
  'model': (string);
  'modelVersion': (string);
  'image': (_weft_vision_v1_Image__Output | null);
  'format': (_weft_generator_v1_ImageFormat__Output);
}
