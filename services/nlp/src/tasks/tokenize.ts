// Tokenize: all tokens of each text, also those behind the last that the model reads. No model runs.
import { invalidArgument } from '@weft/errors';
import { type InputLimits, itemwise, type TaskMethod } from '@weft/runtime';
import type { TokenizeRequest__Output } from '@weft/rpc/messages/weft/nlp/v1/TokenizeRequest';
import type { TokenizeResponse } from '@weft/rpc/messages/weft/nlp/v1/TokenizeResponse';
import { checkTexts } from './check-texts.ts';
import type { Tokenizer } from './unigram-tokenizer.ts';

/** Of all texts of a request. Tokens take many times the memory of their texts, and more could not be answered anyway. */
const maxTokens = 2 ** 21;
/** Characters between two turns of others: of streams of this instance, which go on meanwhile, and of word that a client has gone. */
const turn = 2 ** 14;

export function tokenizeMethod(tokenizer: Tokenizer, limits: InputLimits): TaskMethod {
  return itemwise(
    '/weft.nlp.v1.NlpService/Tokenize',
    async ({ texts }: TokenizeRequest__Output, item): Promise<TokenizeResponse> => {
      checkTexts('texts', texts, limits);
      const results = [];
      let left = maxTokens;
      let since = 0;
      for (const text of texts) {
        if (since >= turn) {
          since = 0;
          await new Promise(setImmediate);
        }
        since += text.length;
        item.throwIfGone();
        const { ids, pieces } = tokenizer.tokenize(text, left + 1);
        left -= ids.length;
        if (left < 0) throw invalidArgument(`texts: hold more than ${maxTokens} tokens, which is the limit`);
        results.push({ ids: [...ids], pieces: [...pieces] });
      }
      return { results };
    },
  );
}
