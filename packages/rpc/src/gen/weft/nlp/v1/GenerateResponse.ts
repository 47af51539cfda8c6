// Original file: proto/weft/nlp/v1/nlp.proto

import type { FinishReason as _weft_nlp_v1_FinishReason, FinishReason__Output as _weft_nlp_v1_FinishReason__Output } from '../../../weft/nlp/v1/FinishReason.ts';

export interface GenerateResponse {
  'model'?: (string);
  'modelVersion'?: (string);
  'text'?: (string);
  'finishReason'?: (_weft_nlp_v1_FinishReason);
  'generatedTokens'?: (number);
}

export interface GenerateResponse__Output {
  'model': (string);
  'modelVersion': (string);
  'text': (string);
  'finishReason': (_weft_nlp_v1_FinishReason__Output);
  'generatedTokens': (number);
}
