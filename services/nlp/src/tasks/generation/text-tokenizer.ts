// Text to tokens and back by a `tokenizer.json`, as the tokenizers library of Hugging Face writes it.
import { readFile } from 'node:fs/promises';
import { Tokenizer } from '@huggingface/tokenizers';
import { invalidArgument } from '@weft/errors';
import type { Tokenizer as PieceTokenizer } from '../unigram-tokenizer.ts';
import { longestToken } from './longest-token.ts';

export interface TextTokenizer extends PieceTokenizer {
  /** With what the tokenizer itself puts before and behind a text. Special tokens in the text count as such. */
  encode(text: string): number[];
  /** Without those: a template writes itself what it wants before and behind. Special tokens in the text count as such. */
  encodeRendered(text: string): number[];
  /** Without special tokens. */
  decode(tokens: readonly number[]): string;
  /** Characters that a token stands for at most, in UTF-16 units; Infinity where that is not known. */
  readonly longestToken: number;
  /** Undefined for text that is no token. */
  tokenId(text: string): number | undefined;
}

/** Throws INVALID_ARGUMENT for a file that is no tokenizer. */
export async function readTextTokenizer(file: string): Promise<TextTokenizer> {
  const { tokenizer, longest } = await open(file);
  const singles = new Map<number, string>();
  const decode = (tokens: readonly number[]): string =>
    tokens.length === 0
      ? ''
      : tokenizer.decode([...tokens], { skip_special_tokens: true, clean_up_tokenization_spaces: false });
  return {
    encode: (text) => tokenizer.encode(text).ids,
    encodeRendered: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    // Each token is decoded alone once behind it is given: the same few thousand again and again.
    decode(tokens) {
      const [only] = tokens;
      if (tokens.length !== 1 || only === undefined) return decode(tokens);
      const known = singles.get(only);
      if (known !== undefined) return known;
      const text = decode(tokens);
      singles.set(only, text);
      return text;
    },
    longestToken: longest,
    tokenId: (text) => tokenizer.token_to_id(text),
    tokenize(text, limit = Number.POSITIVE_INFINITY) {
      const { ids, tokens } = tokenizer.encode(text, { add_special_tokens: false });
      return { ids: ids.slice(0, limit), pieces: tokens.slice(0, limit) };
    },
  };
}

async function open(file: string): Promise<{ readonly tokenizer: Tokenizer; readonly longest: number }> {
  try {
    const content = JSON.parse(await readFile(file, 'utf8')) as object;
    return { tokenizer: new Tokenizer(content, {}), longest: longestToken(content) };
  } catch (cause) {
    throw invalidArgument(`weft.file.tokenizer: cannot be read as a tokenizer.json: ${(cause as Error).message}`);
  }
}
