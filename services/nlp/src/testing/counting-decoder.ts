// A decoder in the layout of Hugging Face's exports whose next token is a known function of all before it, so that tests know each
// text exactly. Its cache is a real one: keys are the tokens, values are token × (position + 1), and the next token is the sum of the
// values, plus the last key, modulo the vocabulary. So a wrong mask, position, row or column of the cache shows in the text.
// With it goes a tokenizer of single bytes: characters of more than one byte are more than one token.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeModel, type OnnxGraph, onnxNode, onnxTensor, onnxValue } from '@weft/convert';

/** Bytes, then `<|begin|>` and `<|end|>`. */
export const vocabularySize = 258;
export const [beginToken, endToken] = [256, 257];

export interface CountingDecoder {
  /** Of the cache. */
  readonly datatype?: 'FP32' | 'FP16';
  /** As exports with fused attention: without `position_ids`, and what is padded counts. */
  readonly unpadded?: boolean;
}

/** What follows these tokens where the greatest score wins; they begin with `beginToken`. */
export function nextToken(tokens: readonly number[]): number {
  const sum = tokens.reduce((before, token, position) => before + token * (position + 1), 0);
  return (sum + (tokens.at(-1) ?? 0)) % vocabularySize;
}

/** The text's tokens, without the end token. */
export function continuation(prompt: readonly number[], maxTokens: number): number[] {
  const tokens = [...prompt];
  while (tokens.length < prompt.length + maxTokens) {
    const next = nextToken(tokens);
    if (next === endToken) break;
    tokens.push(next);
  }
  return tokens.slice(prompt.length);
}

export function countingDecoder({ datatype = 'FP32', unpadded = false }: CountingDecoder = {}): OnnxGraph {
  const cache = ['batch', 1, 'past', 1];
  const present = ['batch', 1, 'total', 1];
  const float = (name: string, output: string) =>
    onnxNode('Cast', { inputs: [name], outputs: [output], attributes: { to: { int: 1 } } });
  const stored = (name: string, output: string) =>
    onnxNode('Cast', { inputs: [name], outputs: [output], attributes: { to: { int: datatype === 'FP16' ? 10 : 1 } } });
  const appended = (part: string) =>
    onnxNode('Concat', {
      inputs: [`past_key_values.0.${part}`, `new_${part}`],
      outputs: [`present.0.${part}`],
      attributes: { axis: { int: 2 } },
    });
  const integer = (name: string, elements: bigint[], shape = [elements.length]) =>
    onnxTensor(name, { datatype: 'INT64', shape, elements });
  return {
    inputs: [
      onnxValue('input_ids', 'INT64', ['batch', 'sequence']),
      onnxValue('attention_mask', 'INT64', ['batch', 'total']),
      ...(unpadded ? [] : [onnxValue('position_ids', 'INT64', ['batch', 'sequence'])]),
      onnxValue('past_key_values.0.key', datatype, cache),
      onnxValue('past_key_values.0.value', datatype, cache),
    ],
    outputs: [
      onnxValue('logits', 'FP32', ['batch', 'sequence', vocabularySize]),
      onnxValue('present.0.key', datatype, present),
      onnxValue('present.0.value', datatype, present),
    ],
    initializers: [
      integer('cache_axes', [1n, 3n]),
      integer('last_axis', [2n]),
      integer('end', [2n ** 62n]),
      integer('sequence_axis', [1n]),
      integer('one', [1n]),
      integer('total_axis', [1n], []),
      onnxTensor('single', { datatype: 'FP32', shape: [], elements: [1] }),
      onnxTensor('size', { datatype: 'FP32', shape: [], elements: [vocabularySize] }),
      onnxTensor('vocabulary', {
        datatype: 'FP32',
        shape: [vocabularySize],
        elements: Array.from({ length: vocabularySize }, (_, token) => token),
      }),
    ],
    nodes: [
      float('input_ids', 'tokens'),
      ...(unpadded
        ? [
            // Positions as of a row without padding: how many columns there were before.
            onnxNode('Shape', { inputs: ['attention_mask'], outputs: ['mask_shape'] }),
            onnxNode('Gather', { inputs: ['mask_shape', 'sequence_axis'], outputs: ['total'] }),
            onnxNode('Shape', { inputs: ['input_ids'], outputs: ['ids_shape'] }),
            onnxNode('Gather', { inputs: ['ids_shape', 'sequence_axis'], outputs: ['count'] }),
            onnxNode('Sub', { inputs: ['total', 'count'], outputs: ['before'] }),
            float('before', 'first'),
            float('input_ids', 'zeroable'),
            onnxNode('Sub', { inputs: ['zeroable', 'zeroable'], outputs: ['zeros'] }),
            onnxNode('Add', { inputs: ['zeros', 'single'], outputs: ['ones'] }),
            onnxNode('CumSum', { inputs: ['ones', 'total_axis'], outputs: ['counted'] }),
            onnxNode('Add', { inputs: ['counted', 'first'], outputs: ['places'] }),
          ]
        : [
            float('position_ids', 'positions'),
            onnxNode('Add', { inputs: ['positions', 'single'], outputs: ['places'] }),
          ]),
      onnxNode('Mul', { inputs: ['tokens', 'places'], outputs: ['products'] }),
      // Modulo keeps what is stored exact in 16 bits.
      onnxNode('Mod', { inputs: ['products', 'size'], outputs: ['values'], attributes: { fmod: { int: 1 } } }),
      onnxNode('Unsqueeze', { inputs: ['tokens', 'cache_axes'], outputs: ['wide_key'] }),
      onnxNode('Unsqueeze', { inputs: ['values', 'cache_axes'], outputs: ['wide_value'] }),
      stored('wide_key', 'new_key'),
      stored('wide_value', 'new_value'),
      appended('key'),
      appended('value'),
      float('present.0.key', 'all_keys'),
      float('present.0.value', 'all_values'),
      onnxNode('Squeeze', { inputs: ['all_keys', 'cache_axes'], outputs: ['keys'] }),
      onnxNode('Squeeze', { inputs: ['all_values', 'cache_axes'], outputs: ['flat_values'] }),
      float('attention_mask', 'mask'),
      ...(unpadded
        ? [
            onnxNode('Add', { inputs: ['mask', 'flat_values'], outputs: ['marked'] }),
            onnxNode('Sub', { inputs: ['marked', 'mask'], outputs: ['seen'] }),
          ]
        : [onnxNode('Mul', { inputs: ['flat_values', 'mask'], outputs: ['seen'] })]),
      onnxNode('CumSum', { inputs: ['seen', 'total_axis'], outputs: ['sums'] }),
      onnxNode('Add', { inputs: ['sums', 'keys'], outputs: ['totals'] }),
      // Of the columns those of the tokens that were fed.
      onnxNode('Shape', { inputs: ['input_ids'], outputs: ['fed_shape'] }),
      onnxNode('Gather', { inputs: ['fed_shape', 'sequence_axis'], outputs: ['fed'] }),
      onnxNode('Neg', { inputs: ['fed'], outputs: ['start'] }),
      onnxNode('Slice', { inputs: ['totals', 'start', 'end', 'sequence_axis', 'one'], outputs: ['fresh'] }),
      onnxNode('Mod', { inputs: ['fresh', 'size'], outputs: ['targets'], attributes: { fmod: { int: 1 } } }),
      onnxNode('Unsqueeze', { inputs: ['targets', 'last_axis'], outputs: ['target'] }),
      onnxNode('Sub', { inputs: ['vocabulary', 'target'], outputs: ['distance'] }),
      onnxNode('Abs', { inputs: ['distance'], outputs: ['apart'] }),
      onnxNode('Neg', { inputs: ['apart'], outputs: ['logits'] }),
    ],
  };
}

/** GPT-2's way of writing each byte as a character that can be seen. */
function byteCharacters(): string[] {
  const seen = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let hidden = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(seen(byte) ? byte : hidden++));
}

/** As Llama's tokenizer has it. */
const beginning = {
  type: 'TemplateProcessing',
  single: [{ SpecialToken: { id: '<|begin|>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
  pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
  special_tokens: { '<|begin|>': { id: '<|begin|>', ids: [beginToken], tokens: ['<|begin|>'] } },
};

/** The text of a tokenizer.json. Some put the token that begins texts before each text themselves. */
export function byteTokenizer({ begins = false }: { readonly begins?: boolean } = {}): string {
  const special = (id: number, content: string) => ({
    ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  });
  const added = [special(beginToken, '<|begin|>'), special(endToken, '<|end|>')];
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const vocabulary = Object.fromEntries(byteCharacters().map((character, byte) => [character, byte]));
  return JSON.stringify({
    version: '1.0',
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: byteLevel,
    decoder: byteLevel,
    post_processor: begins ? beginning : null,
    model: { type: 'BPE', vocab: vocabulary, merges: [], unk_token: null, fuse_unk: false, byte_fallback: false },
  });
}

const countingConfig = `
  backend: "onnxruntime"
  parameters { key: "weft.task" value { string_value: "text-generation" } }
  parameters { key: "weft.service" value { string_value: "nlp" } }
  parameters { key: "weft.file.tokenizer" value { string_value: "file:tokenizer.json" } }
  parameters { key: "weft.begin_token" value { string_value: "<|begin|>" } }
  parameters { key: "weft.end_tokens" value { string_value: "<|end|>" } }
  parameters { key: "weft.max_context" value { string_value: "1000" } }
`;

/** Writes the model into a model repository. `settings` is added to its configuration. */
export async function writeCountingDecoder(
  repository: string,
  name: string,
  { settings = '', ...decoder }: CountingDecoder & { readonly settings?: string } = {},
): Promise<void> {
  await mkdir(join(repository, name, '1'), { recursive: true });
  await writeFile(join(repository, name, '1', 'model.onnx'), encodeModel(countingDecoder(decoder)));
  await writeFile(join(repository, name, 'tokenizer.json'), byteTokenizer());
  await writeFile(join(repository, name, 'config.pbtxt'), `name: "${name}"\n${countingConfig}${settings}`);
}
