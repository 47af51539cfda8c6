// Original file: proto/weft/nlp/v1/nlp.proto

import type { RankedDocument as _weft_nlp_v1_RankedDocument, RankedDocument__Output as _weft_nlp_v1_RankedDocument__Output } from '../../../weft/nlp/v1/RankedDocument.ts';

export interface RankResponse {
  'model'?: (string);
  'modelVersion'?: (string);
  'results'?: (_weft_nlp_v1_RankedDocument)[];
}

export interface RankResponse__Output {
  'model': (string);
  'modelVersion': (string);
  'results': (_weft_nlp_v1_RankedDocument__Output)[];
}
