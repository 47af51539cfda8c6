// The JSON of an embeddings request to an EmbedRequest and a TokenizeRequest of the same texts. Runs in a worker when it is large.
import { invalidArgument } from '@weft/errors';
import { rpcMethod } from '@weft/rpc/protos';
import { JsonReader, type JsonValue } from '../json/json-reader.ts';

export interface EmbeddingsRequest {
  readonly model: string;
  /** Of weft.nlp.v1. */
  readonly embed: Uint8Array;
  readonly tokenize: Uint8Array;
  readonly format: EncodingFormat;
  /** Undefined: those of the model. */
  readonly dimensions: number | undefined;
}

export type EncodingFormat = 'float' | 'base64';

export const embedPath = '/weft.nlp.v1.NlpService/Embed';
export const tokenizePath = '/weft.nlp.v1.NlpService/Tokenize';

/** Throws INVALID_ARGUMENT naming the field. */
export function parseEmbeddings(json: Buffer): EmbeddingsRequest {
  const reader = new JsonReader(json);
  if (reader.kind() !== 'object') throw invalidArgument('the request must be a JSON object');
  const fields = reader.value() as Readonly<Record<string, JsonValue>>;
  reader.end();
  const { model = '', encoding_format: format = 'float', dimensions } = fields;
  if (typeof model !== 'string') throw invalidArgument("'model' must be a text");
  if (format !== 'float' && format !== 'base64') throw invalidArgument("'encoding_format' must be float or base64");
  if (dimensions !== undefined && dimensions !== null && !isCount(dimensions))
    throw invalidArgument("'dimensions' must be a whole number of at least 1");
  const texts = textsOf(fields['input']);
  return {
    model,
    embed: rpcMethod(embedPath).encodeRequest({ model, texts }),
    tokenize: rpcMethod(tokenizePath).encodeRequest({ model, texts }),
    format,
    dimensions: isCount(dimensions) ? dimensions : undefined,
  };
}

function textsOf(input: JsonValue | undefined): readonly string[] {
  if (typeof input === 'string') return [input];
  if (Array.isArray(input) && input.every((text) => typeof text === 'string')) return input;
  if (Array.isArray(input)) throw invalidArgument("'input' must be texts: this model does not take tokens");
  throw invalidArgument("'input' must be a text or an array of texts");
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1;
}
