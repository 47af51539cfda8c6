// Original file: proto/weft/generator/v1/generator.proto

import type { ImageFormat as _weft_generator_v1_ImageFormat, ImageFormat__Output as _weft_generator_v1_ImageFormat__Output } from '../../../weft/generator/v1/ImageFormat.ts';
import type { Long } from '@grpc/proto-loader';

export interface GenerateRequest {
  'model'?: (string);
  'modelVersion'?: (string);
  'count'?: (number);
  'seed'?: (number | string | Long);
  'label'?: (string);
  'truncation'?: (number | string);
  'format'?: (_weft_generator_v1_ImageFormat);
  '_seed'?: "seed";
}

export interface GenerateRequest__Output {
  'model': (string);
  'modelVersion': (string);
  'count': (number);
  'seed'?: (number);
  'label': (string);
  'truncation': (number);
  'format': (_weft_generator_v1_ImageFormat__Output);
  '_seed'?: "seed";
}
