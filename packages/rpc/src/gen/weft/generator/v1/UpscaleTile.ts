// Original file: proto/weft/generator/v1/generator.proto

import type { Image as _weft_vision_v1_Image, Image__Output as _weft_vision_v1_Image__Output } from '../../../weft/vision/v1/Image.ts';

export interface UpscaleTile {
  'model'?: (string);
  'modelVersion'?: (string);
  'x'?: (number);
  'y'?: (number);
  'image'?: (_weft_vision_v1_Image | null);
  'progress'?: (number | string);
  'width'?: (number);
  'height'?: (number);
  'scale'?: (number);
}

export interface UpscaleTile__Output {
  'model': (string);
  'modelVersion': (string);
  'x': (number);
  'y': (number);
  'image': (_weft_vision_v1_Image__Output | null);
  'progress': (number);
  'width': (number);
  'height': (number);
  'scale': (number);
}
