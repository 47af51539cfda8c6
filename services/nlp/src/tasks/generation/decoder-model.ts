// A decoder with its cache, as a function: tokens behind what the cache holds, to the scores of the next token and the cache with
// them. Rows may hold different numbers of tokens: mask and positions say which columns count.
import { WeftError } from '@weft/errors';
import type { BackendModel } from '@weft/runtime';
import {
  datatypes,
  freeMemory,
  int32Tensor,
  int64Tensor,
  type Tensor,
  type TensorMap,
  type TypedArray,
} from '@weft/tensor';
import { type Cache, cacheTensor, emptyCache, gatherRows } from './cache.ts';
import { type DecoderInterface, type IntegerInput, readDecoderInterface } from './decoder-interface.ts';
import { halfFloats } from './half-floats.ts';

export interface Forward {
  readonly cache: Cache;
  /** Of each row of the cache; as many in each, at least one. */
  readonly tokens: readonly (readonly number[])[];
  /** Whether anybody asks for scores: those of a prompt's beginning would only be copied. */
  readonly scored: boolean;
}

export interface Step {
  /** Of each row, behind its last token; empty unless asked for. */
  readonly scores: readonly Float32Array[];
  readonly cache: Cache;
}

export interface DecoderModel {
  readonly layout: DecoderInterface['cache'];
  /** Whether rows of different lengths may share a batch: some models know no padding before a sequence. */
  readonly padded: boolean;
  /** Tokens, or columns, that it stands. */
  readonly maxContext: number;
  /** Tokens of a row that one run takes. */
  readonly mostAtOnce: number;
  forward(forward: Forward): Promise<Step>;
}

/**
 * Tries the model out. Throws INVALID_ARGUMENT for one of another layout, or that does not do what its interface says. `maxContext` is in
 * tokens.
 */
export async function openDecoder(model: BackendModel, maxContext: number): Promise<DecoderModel> {
  const layout = readDecoderInterface(model);
  const forward = (what: Forward): Promise<Step> => run(model, layout, what);
  const vocabulary = await growAlone(layout, forward, maxContext);
  const padded = await standsPadding(layout, forward);
  return { layout: layout.cache, padded, maxContext, mostAtOnce: mostAtOnceOf(layout, vocabulary), forward };
}

/**
 * Of the scores of one run. Runtimes score every token of a prompt, whether anybody asks or not, where a model cannot be told to leave that:
 * of 512 tokens and a vocabulary of 152,000 it would be 311 MB, and copying them would hold up all texts for a fifth of a second.
 */
const mostScoreBytes = 64 * 2 ** 20;

function mostAtOnceOf({ integers, logits }: DecoderInterface, vocabulary: number): number {
  if (integers.has('num_logits_to_keep')) return Infinity;
  const scoreBytes = datatypes[logits].array.BYTES_PER_ELEMENT;
  return Math.max(1, Math.floor(mostScoreBytes / (vocabulary * scoreBytes)));
}

async function run(model: BackendModel, layout: DecoderInterface, { cache, tokens, scored }: Forward): Promise<Step> {
  const width = tokens[0]?.length ?? 0;
  const caches = layout.cache.map((part) => part.output);
  const outputs = await model.run(feeds(layout, cache, tokens), scored ? ['logits', ...caches] : caches);
  const next: Cache = {
    lengths: cache.lengths.map((length) => length + width),
    columns: cache.columns + width,
    parts: caches.map((name) => (outputs[name] as Tensor).elements as TypedArray),
  };
  for (const [index, part] of layout.cache.entries()) {
    const { shape } = outputs[part.output] as Tensor;
    const expected = cacheTensor(part, next, index).shape;
    if (shape.some((size, axis) => size !== expected[axis]))
      throw unexpected(`gives '${part.output}' of shape [${shape.join(',')}] where [${expected.join(',')}] follows`);
  }
  return { cache: next, scores: scored ? lastScores(outputs['logits'] as Tensor) : [] };
}

function feeds({ cache: parts, integers }: DecoderInterface, cache: Cache, tokens: Forward['tokens']): TensorMap {
  const fed: Record<string, Tensor> = {};
  for (const [name, datatype] of integers) {
    const tensor = integerFeeds[name](cache, tokens);
    fed[name] = datatype === 'INT64' ? tensor : narrowed(tensor);
  }
  for (const [index, part] of parts.entries()) fed[part.input] = cacheTensor(part, cache, index);
  return fed;
}

const integerFeeds: Readonly<Record<IntegerInput, (cache: Cache, tokens: Forward['tokens']) => Tensor>> = {
  input_ids: (_, tokens) => integers(tokens, (row, at) => (tokens[row] as readonly number[])[at] as number),
  position_ids: ({ lengths }, tokens) => integers(tokens, (row, at) => (lengths[row] as number) + at),
  attention_mask({ lengths, columns }, tokens) {
    const all = columns + (tokens[0]?.length ?? 0);
    const mask = new BigInt64Array(lengths.length * all);
    for (const [row, length] of lengths.entries()) {
      const padding = columns - length;
      mask.set(onesOf(all - padding), row * all + padding);
    }
    return int64Tensor([lengths.length, all], mask);
  },
  num_logits_to_keep: () => int64Tensor([], BigInt64Array.of(1n)),
};

/** [rows, tokens] of whole numbers below 2^31: written as their lower halves, since a bigint for each would take most of the time. */
function integers(tokens: Forward['tokens'], valueOf: (row: number, at: number) => number): Tensor {
  const [rows, width] = [tokens.length, tokens[0]?.length ?? 0];
  const halves = new Int32Array(2 * rows * width);
  for (let row = 0; row < rows; row++)
    for (let at = 0; at < width; at++) halves[2 * (row * width + at)] = valueOf(row, at);
  return int64Tensor([rows, width], new BigInt64Array(halves.buffer));
}

let ones = new BigInt64Array();

function onesOf(count: number): BigInt64Array {
  if (ones.length < count) ones = new BigInt64Array(2 * count).fill(1n);
  return ones.subarray(0, count);
}

function narrowed({ shape, elements }: Tensor): Tensor {
  return int32Tensor(shape, Int32Array.from(elements as BigInt64Array, Number));
}

/** Of [rows, tokens, vocabulary] those of the last token. They take the memory over. */
function lastScores({ shape, elements }: Tensor): Float32Array[] {
  const [rows = 0, tokens = 0, vocabulary = 0] = shape;
  const lastOf = <Numbers extends TypedArray>(all: Numbers): Numbers[] =>
    Array.from({ length: rows }, (_, row) => {
      const from = (row * tokens + tokens - 1) * vocabulary;
      return all.subarray(from, from + vocabulary) as Numbers;
    });
  if (elements instanceof Float32Array) return lastOf(elements);
  const scores = lastOf(elements as Uint16Array).map(halfFloats);
  freeMemory([elements as Uint16Array]);
  return scores;
}

/** How long a row is grown before the model is served. */
const growingMs = 200;

/**
 * One row, token by token, as far as the time goes. onnxruntime keeps the memory plan of the shapes that it sees first, and finds it by the
 * dimensions' exclusive or, in which one row is often the same as a batch of fewer tokens. Where the batch came first, the row found a plan
 * that did not fit, and whoever is alone was a tenth slower. Resolves to the size of the vocabulary.
 */
async function growAlone(
  { cache: layout }: DecoderInterface,
  forward: (what: Forward) => Promise<Step>,
  maxContext: number,
): Promise<number> {
  const untilMs = performance.now() + growingMs;
  let grown = await forward({ cache: emptyCache(layout), tokens: [[1]], scored: true });
  while (grown.cache.columns < maxContext && performance.now() < untilMs)
    grown = await forward({ cache: grown.cache, tokens: [[1]], scored: true });
  return (grown.scores[0] as Float32Array).length;
}

/** Of the largest score: what rounding may change, with 32 bits and with 16. */
const tolerances = { FP32: 1e-3, FP16: 0.02 };

/**
 * Asks for the same token thrice: behind a short row alone, beside one as long, and beside a longer one, where padding stands before it.
 * Exports with fused attention (GroupQueryAttention) take padding for tokens. What a neighbour changes in any case (quantized models
 * share their scales in a batch) is no matter of padding.
 */
async function standsPadding(
  { cache: layout }: DecoderInterface,
  forward: (what: Forward) => Promise<Step>,
): Promise<boolean> {
  const read = async (tokens: number[]): Promise<Cache> =>
    (await forward({ cache: emptyCache(layout), tokens: [tokens], scored: false })).cache;
  const short = await read([1, 2]);
  const scoresBeside = async (...others: Cache[]): Promise<Float32Array> => {
    const cache = gatherRows(
      layout,
      [short, ...others].map((one) => ({ cache: one, row: 0 })),
    );
    const { scores } = await forward({ cache, tokens: cache.lengths.map(() => [1]), scored: true });
    return scores[0] as Float32Array;
  };
  const alone = await scoresBeside();
  const unpadded = difference(alone, await scoresBeside(await read([2, 1])));
  const padded = difference(alone, await scoresBeside(await read([2, 1, 2, 2, 1, 1])));
  const rounding = Math.max(...layout.map(({ datatype }) => (datatype === 'FP16' ? tolerances.FP16 : tolerances.FP32)));
  return padded <= Math.max(rounding, 3 * unpadded);
}

/** The largest, as a share of the largest score. */
function difference(scores: Float32Array, others: Float32Array): number {
  let [apart, largest] = [0, Number.MIN_VALUE];
  for (const [token, score] of scores.entries()) {
    largest = Math.max(largest, Math.abs(score));
    apart = Math.max(apart, Math.abs(score - (others[token] as number)));
  }
  return apart / largest;
}

function unexpected(reason: string): WeftError {
  return new WeftError('INVALID_ARGUMENT', `text generation: the model ${reason}`);
}
