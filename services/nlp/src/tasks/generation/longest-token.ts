// How many characters one token can stand for. Reading a prompt of a megabyte takes a second, in which no text of the instance goes
// on: one that has more characters than the context's tokens can stand for is refused unread. The bound has to be sure, so it is given
// only for tokenizers in which nothing of a text gets lost: those of GPT-2, Llama, Qwen, Mistral and their kin.

/** What tokenizer.json says, as far as it matters here. */
interface TokenizerFile {
  readonly added_tokens?: readonly { readonly content: string; readonly lstrip?: boolean; readonly rstrip?: boolean }[];
  readonly normalizer?: Part | null;
  readonly pre_tokenizer?: Part | null;
  readonly model: {
    readonly type?: string;
    readonly vocab: Readonly<Record<string, number>>;
    readonly byte_fallback?: boolean;
  };
}

interface Part {
  readonly type: string;
  readonly normalizers?: readonly Part[];
  readonly pretokenizers?: readonly Part[];
  readonly behavior?: string;
  readonly invert?: boolean;
  readonly pattern?: { readonly String?: string };
  readonly content?: string;
}

/** In UTF-16 units; Infinity where it is not known. `tokenizer` is the content of a tokenizer.json that can be read as one. */
export function longestToken(tokenizer: object): number {
  const { model, normalizer, pre_tokenizer: split, added_tokens: added = [] } = tokenizer as TokenizerFile;
  const keepsAll =
    model.type === 'BPE' &&
    knowsEveryByte(tokenizer as TokenizerFile) &&
    partsOf(split).every(keepsText) &&
    // These swallow the blanks around them.
    !added.some(({ lstrip = false, rstrip = false }) => lstrip || rstrip);
  if (!keepsAll) return Number.POSITIVE_INFINITY;
  let longest = 0;
  for (const text of Object.keys(model.vocab)) longest = Math.max(longest, text.length);
  for (const { content } of added) longest = Math.max(longest, content.length);
  return partsOf(normalizer).reduce((units, part) => units * shrinkage(part), longest);
}

/** What a model does not know is dropped, or a whole run of it is one token. Bytes are no more than units, whatever the text. */
function knowsEveryByte({ model: { vocab, byte_fallback: fallsBack }, pre_tokenizer: split }: TokenizerFile): boolean {
  const names = Object.keys(vocab);
  if (partsOf(split).some(({ type }) => type === 'ByteLevel'))
    return names.filter((text) => text.length === 1).length >= 256;
  return fallsBack === true && names.filter((text) => /^<0x[0-9A-F]{2}>$/.test(text)).length === 256;
}

function keepsText({ type, behavior = '', invert = false }: Part): boolean {
  if (type === 'Split') return !invert && behavior.toLowerCase() !== 'removed';
  return ['ByteLevel', 'Metaspace', 'Digits'].includes(type);
}

/** How much shorter a normalizer makes a text at most. */
function shrinkage({ type, pattern, content = '' }: Part): number {
  if (type === 'Prepend') return 1;
  // Two units become one (of compatibility characters beyond the first plane), and four decomposed characters one.
  if (/^NFK?[CD]$/.test(type)) return 8;
  const replaced = type === 'Replace' ? pattern?.String : undefined;
  return replaced !== undefined && content.length >= replaced.length ? 1 : Number.POSITIVE_INFINITY;
}

function partsOf(part: Part | null | undefined): readonly Part[] {
  if (part === null || part === undefined) return [];
  return part.type === 'Sequence' ? (part.normalizers ?? part.pretokenizers ?? []).flatMap(partsOf) : [part];
}
