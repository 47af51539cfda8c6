// The calls of weft.nlp.v1.
import { invalidArgument } from '@weft/errors';
import type { ClassifyRequest } from '@weft/rpc/messages/weft/nlp/v1/ClassifyRequest';
import type { ClassifyResponse__Output } from '@weft/rpc/messages/weft/nlp/v1/ClassifyResponse';
import type { EmbedRequest } from '@weft/rpc/messages/weft/nlp/v1/EmbedRequest';
import type { EmbedResponse__Output } from '@weft/rpc/messages/weft/nlp/v1/EmbedResponse';
import type { GenerateRequest } from '@weft/rpc/messages/weft/nlp/v1/GenerateRequest';
import type { GenerateResponse__Output } from '@weft/rpc/messages/weft/nlp/v1/GenerateResponse';
import type { RankRequest } from '@weft/rpc/messages/weft/nlp/v1/RankRequest';
import type { RankResponse__Output } from '@weft/rpc/messages/weft/nlp/v1/RankResponse';
import type { SummarizeRequest } from '@weft/rpc/messages/weft/nlp/v1/SummarizeRequest';
import type { SummarizeResponse__Output } from '@weft/rpc/messages/weft/nlp/v1/SummarizeResponse';
import type { TokenizeRequest } from '@weft/rpc/messages/weft/nlp/v1/TokenizeRequest';
import type { TokenizeResponse__Output } from '@weft/rpc/messages/weft/nlp/v1/TokenizeResponse';
import type { CallOptions } from './call-options.ts';
import { chosenModel } from './chosen-model.ts';
import { followStream } from './follow-stream.ts';
import type { RequestOf } from './request-of.ts';
import type { RouterCalls } from './router-calls.ts';

/** One message of a conversation; which roles there are is for the model's chat template to say: mostly `system`, `user`, `assistant`. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

type GenerateSettings = Omit<RequestOf<GenerateRequest, never>, 'prompt' | 'messages'>;

/** A prompt to go on from, or a conversation to answer, by the model's chat template. */
export type GenerateInput = GenerateSettings &
  (
    | { readonly prompt: string; readonly messages?: undefined }
    | { readonly messages: readonly ChatMessage[]; readonly prompt?: undefined }
  );

export interface NlpClient {
  /**
   * One vector of unit length for each text, in their order: the dot product of two is their similarity.
   *
   * @example
   * const { embeddings } = await client.nlp.embed({ texts: ['a cat', 'a kitten'] });
   * embeddings[0].values.length; // 512 with the default model
   */
  embed(request: RequestOf<EmbedRequest, 'texts'>, options?: CallOptions): Promise<EmbedResponse__Output>;
  /**
   * The documents by their similarity to the query, the most similar first; all of them unless `topK` is given.
   *
   * @example
   * const { results } = await client.nlp.rank({ query: 'pets', documents: ['tax law', 'cats and dogs'] });
   * results[0]; // { index: 1, score: 0.61 }
   */
  rank(request: RequestOf<RankRequest, 'query' | 'documents'>, options?: CallOptions): Promise<RankResponse__Output>;
  /**
   * The most likely labels of each text, in the order of the texts; 5 of them unless `topK` is given.
   *
   * @example
   * const { results } = await client.nlp.classify({ texts: ['def f(x):\n  return x'] });
   * results[0].labels[0]; // { name: 'py', score: 0.97 }
   */
  classify(request: RequestOf<ClassifyRequest, 'texts'>, options?: CallOptions): Promise<ClassifyResponse__Output>;
  /**
   * The sentences nearest to the centre of the text, in its order; 3 of them unless `maxSentences` is given.
   *
   * @example
   * const { summary } = await client.nlp.summarize({ text: article, maxSentences: 2 });
   */
  summarize(request: RequestOf<SummarizeRequest, 'text'>, options?: CallOptions): Promise<SummarizeResponse__Output>;
  /**
   * The token ids and pieces that the model sees, for each text.
   *
   * @example
   * const { results } = await client.nlp.tokenize({ texts: ['hello world'] });
   * results[0].pieces; // ['▁hello', '▁world']
   */
  tokenize(request: RequestOf<TokenizeRequest, 'texts'>, options?: CallOptions): Promise<TokenizeResponse__Output>;
  /**
   * A text that goes on where the prompt ends, or answers a conversation, in pieces as they are written. Leaving the loop ends the
   * work. The deadline is that of the whole text, 60 seconds as of any call: give a longer `timeoutMs` to a text that takes longer, or it
   * breaks off with DEADLINE_EXCEEDED.
   *
   * @example
   * for await (const { text } of client.nlp.generate({ prompt: 'My fellow', maxTokens: 500 }, { timeoutMs: 600_000 })) process.stdout.write(text);
   *
   * @example
   * const messages = [{ role: 'user', content: 'What is a weft?' }];
   * for await (const { text } of client.nlp.generate({ messages }, { model: 'smollm2' })) process.stdout.write(text);
   */
  generate(request: GenerateInput, options?: CallOptions): AsyncGenerator<GenerateResponse__Output, void, undefined>;
}

export function nlpClient(calls: RouterCalls): NlpClient {
  const method =
    <Request extends object, Response>(name: string) =>
    (request: Request, options: CallOptions = {}) =>
      calls.call<Response>(`/weft.nlp.v1.NlpService/${name}`, { ...request, ...chosenModel(options) }, options);
  return {
    embed: method('Embed'),
    rank: method('Rank'),
    classify: method('Classify'),
    summarize: method('Summarize'),
    tokenize: method('Tokenize'),
    generate(request, options = {}) {
      // On the wire no messages are a prompt that is empty, which some models go on from.
      if (request.messages?.length === 0) throw invalidArgument('messages: must hold at least one message');
      return followStream(
        calls,
        { path: '/weft.nlp.v1.NlpService/Generate', requests: [{ ...request, ...chosenModel(options) }] },
        options,
      );
    },
  };
}
