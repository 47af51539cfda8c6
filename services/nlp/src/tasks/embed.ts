// Embed: one vector of unit length for each text. An empty text has a vector too, the model's own for no tokens.
import type { InputLimits, TaskMethod } from '@weft/runtime';
import type { EmbedRequest__Output } from '@weft/rpc/messages/weft/nlp/v1/EmbedRequest';
import type { EmbedResponse } from '@weft/rpc/messages/weft/nlp/v1/EmbedResponse';
import { batchedMethod } from './batched-method.ts';
import { checkTexts } from './check-texts.ts';
import type { SentenceEncoder } from './sentence-encoder.ts';

export function embedMethod(encoder: SentenceEncoder, limits: InputLimits): TaskMethod {
  return batchedMethod('/weft.nlp.v1.NlpService/Embed', {
    preprocess({ texts }: EmbedRequest__Output) {
      checkTexts('texts', texts, limits);
      return { rows: texts.map(encoder.tokenIds) };
    },
    model: encoder,
    postprocess(_, vectors): EmbedResponse {
      return { embeddings: vectors.map((vector) => ({ values: Array.from(vector) })) };
    },
  });
}
