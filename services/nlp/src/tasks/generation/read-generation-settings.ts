// What a decoder's folder says beside its tensors: which tokens end a text, what begins one, how long it may be. From the model's
// parameters, or from the files that Hugging Face keeps beside a model.
import { readFile } from 'node:fs/promises';
import { invalidArgument } from '@weft/errors';
import type { TaskContext } from '@weft/runtime';
import type { TextTokenizer } from './text-tokenizer.ts';

export interface GenerationSettings {
  readonly endTokens: ReadonlySet<number>;
  /** Put before each prompt; undefined where the tokenizer does that itself, or nothing belongs there. */
  readonly beginToken: number | undefined;
  /** Tokens of prompt and text together. */
  readonly maxContext: number;
}

const defaultMaxContext = 2048;

type Context = Pick<TaskContext, 'parameter' | 'file'>;
type Vocabulary = Pick<TextTokenizer, 'tokenId'>;

/** Throws INVALID_ARGUMENT for what is missing, or is no setting. */
export async function readGenerationSettings(context: Context, tokenizer: Vocabulary): Promise<GenerationSettings> {
  const config = await readJson(context, 'config');
  const generation = await readJson(context, 'generation_config');
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
    maxContext: maxContextOf(context, config),
  };
}

function maxContextOf(context: Context, config: Readonly<Record<string, unknown>>): number {
  const text = context.parameter('max_context');
  if (text !== undefined && !/^[1-9]\d{0,6}$/u.test(text))
    throw invalidArgument(`weft.max_context: must be a whole number of tokens above 0, not '${text}'`);
  if (text !== undefined) return Number(text);
  const [known] = ['max_position_embeddings', 'n_positions'].flatMap((key) => numbers(config[key]) ?? []);
  return known ?? defaultMaxContext;
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

async function readJson({ parameter, file }: Context, name: string): Promise<Readonly<Record<string, unknown>>> {
  if (parameter(`file.${name}`) === undefined) return {};
  const path = file(name);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    throw invalidArgument(`weft.file.${name}: cannot be read as JSON: ${(cause as Error).message}`);
  }
}
