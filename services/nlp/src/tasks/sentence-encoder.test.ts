import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BackendModel, batchwise } from '@weft/runtime';
import { attended } from '@weft/runtime/testing';
import { float32Tensor, type Tensor } from '@weft/tensor';
import { createSentenceEncoder } from './sentence-encoder.ts';
import type { Tokenizer } from './unigram-tokenizer.ts';

/** One token a word: its length. */
const words: Tokenizer = {
  tokenize(text, maxTokens) {
    const pieces = text.split(' ').slice(0, maxTokens);
    return { pieces, ids: pieces.map(({ length }) => length) };
  },
};

/** The vector of a text is the sum of its tokens. Tells the lengths of the rows of each run. */
function summing() {
  const runs: number[][] = [];
  const model: BackendModel = {
    inputs: [
      { name: 'indices', datatype: 'INT32', shape: [-1, 2] },
      { name: 'values', datatype: 'INT32', shape: [-1] },
    ],
    outputs: [{ name: 'vectors', datatype: 'FP32', shape: [-1, 1] }],
    placement: { provider: 'cpu', fallbackReason: '' },
    async run({ indices, values }) {
      const [at, tokens] = [(indices as Tensor).elements as Int32Array, (values as Tensor).elements as Int32Array];
      const sums: number[] = [];
      const lengths: number[] = [];
      for (const [token, value] of tokens.entries()) {
        const row = at[token * 2] as number;
        sums[row] = (sums[row] ?? 0) + value;
        lengths[row] = (lengths[row] ?? 0) + 1;
      }
      runs.push(lengths);
      return { vectors: float32Tensor([sums.length, 1], Float32Array.from(sums)) };
    },
    async unload() {},
  };
  return { model, runs };
}

async function embedTogether(requests: readonly (readonly string[])[], maxRows = 100) {
  const { model, runs } = summing();
  const encoder = createSentenceEncoder(model, words, { maxTokens: 128, maxRows });
  const method = batchwise('/test/Embed', async (texts: readonly string[], item) => ({
    sums: (await item.infer(encoder, texts.map(encoder.tokenIds))).map(([sum]) => sum),
  }));
  const outcomes = await method.infer(
    requests,
    requests.map(() => attended),
  );
  return { sums: outcomes.map((outcome) => (outcome as { sums: number[] }).sums), runs };
}

const sumOf = (text: string): number => text.replaceAll(' ', '').length;
const long = 'word '.repeat(120).trim();

test('texts of very different length are not padded to the longest, whichever requests they are of', async () => {
  const requests = [['a b', long, 'c d e'], ['f g h'], [`${long} more`, 'i j']];
  const { sums, runs } = await embedTogether(requests);
  assert.deepEqual(
    runs.map((lengths) => lengths.sort((a, b) => a - b)),
    [
      [2, 2, 3, 3],
      [120, 121],
    ],
  );
  assert.deepEqual(
    sums,
    requests.map((texts) => texts.map(sumOf)),
  );
});

test('more texts than a run takes come back in order', async () => {
  const texts = Array.from({ length: 1000 }, (_, index) => 'x'.repeat(index + 1));
  const { sums, runs } = await embedTogether([texts, ['y']], 32);
  assert.deepEqual(sums, [texts.map(sumOf), [1]]);
  assert.ok(runs.length >= 32);
  assert.ok(runs.every(({ length }) => length <= 32));
});
