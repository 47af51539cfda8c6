// Original file: proto/weft/generator/v1/generator.proto

import type { Image as _weft_vision_v1_Image, Image__Output as _weft_vision_v1_Image__Output } from '../../../weft/vision/v1/Image.ts';
import type { Long } from '@grpc/proto-loader';

export interface GenerateResponse {
  'model'?: (string);
  'modelVersion'?: (string);
  'index'?: (number);
  'image'?: (_weft_vision_v1_Image | null);
  'progress'?: (number | string);
  'seed'?: (number | string | Long);
  'label'?: (string);
}

export interface GenerateResponse__Output {
  'model': (string);
  'modelVersion': (string);
  'index': (number);
  'image': (_weft_vision_v1_Image__Output | null);
  'progress': (number);
  'seed': (number);
  'label': (string);
}
