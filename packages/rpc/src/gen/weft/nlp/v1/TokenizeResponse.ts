// Original file: proto/weft/nlp/v1/nlp.proto

import type { Tokens as _weft_nlp_v1_Tokens, Tokens__Output as _weft_nlp_v1_Tokens__Output } from '../../../weft/nlp/v1/Tokens.ts';

export interface TokenizeResponse {
  'model'?: (string);
  'modelVersion'?: (string);
  'results'?: (_weft_nlp_v1_Tokens)[];
}

export interface TokenizeResponse__Output {
  'model': (string);
  'modelVersion': (string);
  'results': (_weft_nlp_v1_Tokens__Output)[];
}
