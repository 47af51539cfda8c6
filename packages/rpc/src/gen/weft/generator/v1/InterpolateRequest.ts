// Original file: proto/weft/generator/v1/generator.proto

import type { ImageFormat as _weft_generator_v1_ImageFormat, ImageFormat__Output as _weft_generator_v1_ImageFormat__Output } from '../../../weft/generator/v1/ImageFormat.ts';
import type { Long } from '@grpc/proto-loader';

export interface InterpolateRequest {
  'model'?: (string);
  'modelVersion'?: (string);
  'seedFrom'?: (number | string | Long);
  'seedTo'?: (number | string | Long);
  'label'?: (string);
  'steps'?: (number);
  'format'?: (_weft_generator_v1_ImageFormat);
}

export interface InterpolateRequest__Output {
  'model': (string);
  'modelVersion': (string);
  'seedFrom': (number);
  'seedTo': (number);
  'label': (string);
  'steps': (number);
  'format': (_weft_generator_v1_ImageFormat__Output);
}
