// Original file: proto/weft/nlp/v1/nlp.proto

import type { Classification as _weft_nlp_v1_Classification, Classification__Output as _weft_nlp_v1_Classification__Output } from '../../../weft/nlp/v1/Classification.ts';

export interface ClassifyResponse {
  'model'?: (string);
  'modelVersion'?: (string);
  'results'?: (_weft_nlp_v1_Classification)[];
}

export interface ClassifyResponse__Output {
  'model': (string);
  'modelVersion': (string);
  'results': (_weft_nlp_v1_Classification__Output)[];
}
