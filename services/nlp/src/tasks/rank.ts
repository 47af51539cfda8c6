// Rank: documents by the similarity of their embeddings to the query's. The score is the cosine, the dot product of what
// Embed answers, cut off at 0: below it lies only noise (unrelated texts are near 0, paraphrases from about 0.6 on).
import { batchwise, type InputLimits, type TaskMethod } from '@weft/runtime';
import type { RankedDocument } from '@weft/rpc/messages/weft/nlp/v1/RankedDocument';
import type { RankRequest__Output } from '@weft/rpc/messages/weft/nlp/v1/RankRequest';
import type { RankResponse } from '@weft/rpc/messages/weft/nlp/v1/RankResponse';
import { checkText, checkTexts } from './check-texts.ts';
import type { SentenceEncoder } from './sentence-encoder.ts';
import { similarity } from './similarity.ts';

/** Scores are rounded to this, since a text's vector varies below it with the texts it runs together with. */
const scoreSteps = 1e5;

export function rankMethod(encoder: SentenceEncoder, limits: InputLimits): TaskMethod {
  return batchwise(
    '/weft.nlp.v1.NlpService/Rank',
    async ({ query, documents, topK }: RankRequest__Output, item): Promise<RankResponse> => {
      checkText('query', query, limits);
      checkTexts('documents', documents, limits);
      const [first, ...others] = await item.infer(encoder, [query, ...documents].map(encoder.tokenIds));
      return { results: rankDocuments(first as Float32Array, others, topK) };
    },
  );
}

/** The most similar first, those with equal scores in their order; `topK` 0 means all. */
export function rankDocuments(query: Float32Array, documents: readonly Float32Array[], topK: number) {
  const ranked = documents.map((document, index) => ({ index, score: score(similarity(query, document)) }));
  ranked.sort((a, b) => b.score - a.score || a.index - b.index);
  return (topK === 0 ? ranked : ranked.slice(0, topK)) satisfies RankedDocument[];
}

function score(cosine: number): number {
  return Math.round(Math.min(Math.max(cosine, 0), 1) * scoreSteps) / scoreSteps;
}
