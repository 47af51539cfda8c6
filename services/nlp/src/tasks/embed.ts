// Embed: one vector of unit length for each text. An empty text has a vector too, the model's own for no tokens.
import { batchwise, type InputLimits, type TaskMethod } from '@weft/runtime';
import type { EmbedRequest__Output } from '@weft/rpc/messages/weft/nlp/v1/EmbedRequest';
import type { EmbedResponse } from '@weft/rpc/messages/weft/nlp/v1/EmbedResponse';
import { checkTexts } from './check-texts.ts';
import type { SentenceEncoder } from './sentence-encoder.ts';

export function embedMethod(encoder: SentenceEncoder, limits: InputLimits): TaskMethod {
  return batchwise(
    '/weft.nlp.v1.NlpService/Embed',
    async ({ texts }: EmbedRequest__Output, item): Promise<EmbedResponse> => {
      checkTexts('texts', texts, limits);
      const vectors = await item.infer(encoder, texts.map(encoder.tokenIds));
      return { embeddings: vectors.map((vector) => ({ values: Array.from(vector) })) };
    },
  );
}
