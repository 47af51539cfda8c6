// Summarize, extractive: sentences of the text itself, chosen by how near their embeddings lie to the centre of all.
import { invalidArgument } from '@weft/errors';
import { batchwise, type InputLimits, type TaskMethod } from '@weft/runtime';
import type { SummarizeRequest__Output } from '@weft/rpc/messages/weft/nlp/v1/SummarizeRequest';
import type { SummarizeResponse } from '@weft/rpc/messages/weft/nlp/v1/SummarizeResponse';
import { centralSentences } from './central-sentences.ts';
import { checkText } from './check-texts.ts';
import type { SentenceEncoder } from './sentence-encoder.ts';
import { splitSentences } from './split-sentences.ts';

const defaultSentences = 3;

export function summarizeMethod(encoder: SentenceEncoder, limits: InputLimits): TaskMethod {
  return batchwise(
    '/weft.nlp.v1.NlpService/Summarize',
    async ({ text, maxSentences }: SummarizeRequest__Output, item): Promise<SummarizeResponse> => {
      checkText('text', text, limits);
      const sentences = splitSentences(text).map((sentence) => sentence.text);
      if (sentences.length > limits.maxTexts) {
        throw invalidArgument(`text: holds ${sentences.length} sentences, the limit is ${limits.maxTexts}`);
      }
      const count = maxSentences === 0 ? defaultSentences : maxSentences;
      // A text that is short enough is its own summary, and needs no model.
      const rows = sentences.length > count ? sentences.map(encoder.tokenIds) : [];
      const vectors = await item.infer(encoder, rows);
      const chosen = vectors.length === 0 ? [...sentences.keys()] : centralSentences(vectors, count);
      return { summary: chosen.map((index) => sentences[index]).join(' '), sentenceIndexes: chosen };
    },
  );
}
