// What a decoder's folder says beside its tensors: which tokens end a text, what begins one, how long it may be. From the model's
// parameters, or from the files that Hugging Face keeps beside a model.
import { invalidArgument } from '@weft/errors';
import type { TaskContext } from '@weft/runtime';
import { readModelJson } from './read-model-json.ts';
import type { TextTokenizer } from './text-tokenizer.ts';

export interface GenerationSettings {
  readonly endTokens: ReadonlySet<number>;
  /** Put before each prompt; undefined where the tokenizer does that itself, or nothing belongs there. */
  readonly beginToken: number | undefined;
  /** Tokens of prompt and text together. */
  readonly maxContext: number;
  /** Tokens of all texts together that an instance's caches may hold; undefined: as many as its memory allows. */
  readonly maxCacheTokens: number | undefined;
}

const defaultMaxContext = 2048;

type Context = Pick<TaskContext, 'parameter' | 'file'>;
type Vocabulary = Pick<TextTokenizer, 'tokenId'>;

/** Throws INVALID_ARGUMENT for what is missing, or is no setting. */
export async function readGenerationSettings(context: Context, tokenizer: Vocabulary): Promise<GenerationSettings> {
  const config = await readModelJson(context, 'config');
  const generation = await readModelJson(context, 'generation_config');
  const named = context
    .parameter('end_tokens')
    ?.split(/\s+/u)
    .filter((text) => text !== '');
  const endTokens =
    named?.map((text) => tokenId('end_tokens', text, tokenizer)) ??
    numbers(generation['eos_token_id']) ??
    numbers(config['eos_token_id']) ??
    [];
  if (endTokens.length === 0)
    throw invalidArgument(
      'text generation has to know which token ends a text: weft.end_tokens, or eos_token_id in weft.file.generation_config',
    );
  const begin = context.parameter('begin_token');
  return {
    endTokens: new Set(endTokens),
    beginToken: begin === undefined ? undefined : tokenId('begin_token', begin, tokenizer),
    maxContext: wholeTokens('max_context', context) ?? knownContext(config) ?? defaultMaxContext,
    maxCacheTokens: wholeTokens('max_cache_tokens', context),
  };
}

function wholeTokens(name: string, { parameter }: Context): number | undefined {
  const text = parameter(name);
  if (text !== undefined && !/^[1-9]\d{0,9}$/u.test(text))
    throw invalidArgument(`weft.${name}: must be a whole number of tokens above 0, not '${text}'`);
  return text === undefined ? undefined : Number(text);
}

function knownContext(config: Readonly<Record<string, unknown>>): number | undefined {
  return ['max_position_embeddings', 'n_positions'].flatMap((key) => numbers(config[key]) ?? [])[0];
}

function tokenId(parameter: string, text: string, tokenizer: Vocabulary): number {
  const id = tokenizer.tokenId(text);
  if (id === undefined) throw invalidArgument(`weft.${parameter}: '${text}' is no token of the model's tokenizer`);
  return id;
}

/** A number or a list of them; undefined for anything else. */
function numbers(value: unknown): number[] | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.every((one) => Number.isInteger(one)) ? (list as number[]) : undefined;
}
