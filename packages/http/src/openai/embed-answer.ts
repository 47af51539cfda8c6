// An EmbedResponse as the JSON that OpenAI's clients expect. Runs in a worker when it is large.
import { asBuffer } from '@weft/rpc/wire';
import { invalidArgument } from '@weft/errors';
import type { EmbedResponse__Output } from '@weft/rpc/messages/weft/nlp/v1/EmbedResponse';
import type { TokenizeResponse__Output } from '@weft/rpc/messages/weft/nlp/v1/TokenizeResponse';
import { rpcMethod } from '@weft/rpc/protos';
import { type EmbeddingsRequest, embedPath, tokenizePath } from './embed-request.ts';
import { listOf } from './list-of.ts';

export interface EmbeddingsAnswer {
  readonly embed: Uint8Array;
  /** Absent: the model does not tell its tokens. */
  readonly tokenize: Uint8Array | undefined;
  readonly format: EmbeddingsRequest['format'];
  readonly dimensions: number | undefined;
}

/** Throws INVALID_ARGUMENT where the model's embeddings have another size than asked for. */
export function writeEmbeddings({ embed, tokenize, format, dimensions }: EmbeddingsAnswer): Buffer {
  const { model, embeddings } = rpcMethod(embedPath).decodeResponse(asBuffer(embed)) as EmbedResponse__Output;
  const size = embeddings[0]?.values.length ?? 0;
  if (dimensions !== undefined && dimensions !== size)
    throw invalidArgument(`'dimensions' must be ${size} for model '${model}', which gives no other size`);
  const tokens = tokenize === undefined ? 0 : countTokens(tokenize);
  return Buffer.from(
    JSON.stringify({
      ...listOf(
        embeddings.map(({ values }, index) => ({
          object: 'embedding',
          index,
          embedding: format === 'float' ? values : Buffer.from(Float32Array.from(values).buffer).toString('base64'),
        })),
      ),
      model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    }),
  );
}

function countTokens(tokenize: Uint8Array): number {
  const { results } = rpcMethod(tokenizePath).decodeResponse(asBuffer(tokenize)) as TokenizeResponse__Output;
  return results.reduce((sum, { ids }) => sum + ids.length, 0);
}
