// What clients of OpenAI's API ask for: embeddings, by the same path as weft.nlp.v1's Embed, and the list of models. Errors are in
// their form.
import { WeftError } from '@weft/errors';
import { httpStatusOf } from '@weft/rpc';
import type { TextPool } from '../offload/text-pool.ts';
import { type Answers, ask, rpcPath } from '../routes/ask.ts';
import { type Exchange, type HttpAnswer, jsonAnswer, type Route, textAnswer } from '../server/exchange.ts';
import { embedPath, tokenizePath } from './embed-request.ts';
import { listOf } from './list-of.ts';

export interface OpenAiRouteOptions {
  readonly answers: Answers;
  readonly pool: TextPool;
}

export function openAiRoutes({ answers, pool }: OpenAiRouteOptions): readonly Route[] {
  return [
    {
      verb: 'POST',
      url: '/v1/embeddings',
      rpc: embedPath,
      compresses: true,
      errorBody,
      answer: (exchange) => embeddings(exchange, pool),
    },
    {
      verb: 'GET',
      url: '/v1/models',
      rpc: rpcPath('RepositoryIndex'),
      errorBody,
      answer: async (exchange) => {
        const { models } = await ask(answers, 'RepositoryIndex', { request: { ready: true }, exchange });
        const names = new Set((models as readonly { readonly name: string }[]).map(({ name }) => name));
        return jsonAnswer(listOf([...names].map((id) => ({ id, object: 'model', created: 0, owned_by: 'weft' }))));
      },
    },
  ];
}

async function embeddings(exchange: Exchange, pool: TextPool): Promise<HttpAnswer> {
  const json = (await exchange.body()).bytes();
  const request = await pool.run('parseEmbeddings', { json }, json.length >= pool.largeJsonBytes);
  const { format, dimensions } = request;
  const [embed, tokenize] = await Promise.all([
    exchange.call(embedPath, request.embed),
    exchange.call(tokenizePath, request.tokenize).catch(unlessNotServed),
  ]);
  const large = embed.length >= pool.largeTensorBytes;
  const answer = await pool.run('writeEmbeddings', { embed, tokenize, format, dimensions }, large);
  return textAnswer(Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength));
}

/** Of a model that embeds texts but does not tell its tokens, nobody knows how many they are. */
function unlessNotServed(error: unknown): undefined {
  if (error instanceof WeftError && (error.code === 'INVALID_ARGUMENT' || error.code === 'UNIMPLEMENTED'))
    return undefined;
  throw error;
}

const types: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'rate_limit_error',
};

function errorBody({ code, message }: WeftError): object {
  const status = httpStatusOf(code);
  const type = types[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error');
  return { error: { message, type, param: null, code: code === 'NOT_FOUND' ? 'model_not_found' : code.toLowerCase() } };
}
