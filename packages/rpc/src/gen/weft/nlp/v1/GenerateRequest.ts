// Original file: proto/weft/nlp/v1/nlp.proto

import type { Long } from '@grpc/proto-loader';

export interface GenerateRequest {
  'model'?: (string);
  'modelVersion'?: (string);
  'prompt'?: (string);
  'maxTokens'?: (number);
  'temperature'?: (number | string);
  'topP'?: (number | string);
  'stop'?: (string)[];
  'seed'?: (number | string | Long);
  '_seed'?: "seed";
}

export interface GenerateRequest__Output {
  'model': (string);
  'modelVersion': (string);
  'prompt': (string);
  'maxTokens': (number);
  'temperature': (number);
  'topP': (number);
  'stop': (string)[];
  'seed'?: (number);
  '_seed'?: "seed";
}
