// Original file: proto/weft/nlp/v1/nlp.proto

import type { Embedding as _weft_nlp_v1_Embedding, Embedding__Output as _weft_nlp_v1_Embedding__Output } from '../../../weft/nlp/v1/Embedding.ts';

export interface EmbedResponse {
  'model'?: (string);
  'modelVersion'?: (string);
  'embeddings'?: (_weft_nlp_v1_Embedding)[];
}

export interface EmbedResponse__Output {
  'model': (string);
  'modelVersion': (string);
  'embeddings': (_weft_nlp_v1_Embedding__Output)[];
}
