// Summarize, extractive: sentences of the text itself, chosen by how near their embeddings lie to the centre of all.
import { invalidArgument } from '@weft/errors';
import type { InputLimits, TaskMethod } from '@weft/runtime';
import type { SummarizeRequest__Output } from '@weft/rpc/messages/weft/nlp/v1/SummarizeRequest';
import type { SummarizeResponse } from '@weft/rpc/messages/weft/nlp/v1/SummarizeResponse';
import { batchedMethod } from './batched-method.ts';
import { centralSentences } from './central-sentences.ts';
import { checkText } from './check-texts.ts';
import type { SentenceEncoder } from './sentence-encoder.ts';
import { splitSentences } from './split-sentences.ts';

const defaultSentences = 3;

export function summarizeMethod(encoder: SentenceEncoder, limits: InputLimits): TaskMethod {
  return batchedMethod('/weft.nlp.v1.NlpService/Summarize', {
    preprocess({ text, maxSentences }: SummarizeRequest__Output) {
      checkText('text', text, limits);
      const sentences = splitSentences(text).map((sentence) => sentence.text);
      if (sentences.length > limits.maxTexts) {
        throw invalidArgument(`text: holds ${sentences.length} sentences, the limit is ${limits.maxTexts}`);
      }
      const count = maxSentences === 0 ? defaultSentences : maxSentences;
      // A text that is short enough is its own summary, and needs no model.
      const rows = sentences.length > count ? sentences.map(encoder.tokenIds) : [];
      return { rows, sentences, count };
    },
    model: encoder,
    postprocess({ sentences, count }, vectors): SummarizeResponse {
      const chosen = vectors.length === 0 ? [...sentences.keys()] : centralSentences(vectors, count);
      return { summary: chosen.map((index) => sentences[index]).join(' '), sentenceIndexes: chosen };
    },
  });
}
