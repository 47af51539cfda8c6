import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeftError } from '@weft/errors';
import { tokenizeMethod } from './tokenize.ts';

const limits = { maxImagePixels: 0, maxTextBytes: 100, maxTexts: 10 };

/** As many tokens as the text says. */
const counting = {
  tokenize: (text: string, limit = Number.POSITIVE_INFINITY) => {
    const count = Math.min(Number(text), limit);
    return { ids: new Array<number>(count).fill(7), pieces: new Array<string>(count).fill('x') };
  },
};

const messages = async (...requests: readonly (readonly string[])[]) => {
  const outcomes = await tokenizeMethod(counting, limits).infer(
    requests.map((texts) => ({ texts })),
    requests.map(() => ({ throwIfGone() {} })),
  );
  return outcomes.map((outcome) => (outcome instanceof WeftError ? outcome.message : 'answered'));
};

test('a request of more tokens than could be answered fails alone', async () => {
  assert.deepEqual(await messages(['1500000', '600000'], ['1500000'], ['2097152'], ['2097153']), [
    'texts: hold more than 2097152 tokens, which is the limit',
    'answered',
    'answered',
    'texts: hold more than 2097152 tokens, which is the limit',
  ]);
});

test('a request without texts is invalid', async () => {
  assert.deepEqual(await messages([]), ['texts: must hold at least one text']);
});

test('a request of long texts leaves others their turn between them, and ends when its client has gone', async () => {
  let tokenized = 0;
  const long = {
    tokenize: () => {
      tokenized++;
      return { ids: [], pieces: [] };
    },
  };
  let gone = false;
  const texts = new Array<string>(10).fill('x'.repeat(2 ** 13));
  const answering = tokenizeMethod(long, { ...limits, maxTextBytes: 2 ** 20 }).infer(
    [{ texts }],
    [
      {
        throwIfGone() {
          if (gone) throw new WeftError('CANCELLED', 'gone');
        },
      },
    ],
  );
  while (tokenized < 4) await new Promise(setImmediate);
  gone = true;
  const [outcome] = await answering;
  assert.ok(outcome instanceof WeftError && outcome.code === 'CANCELLED');
  assert.equal(tokenized, 4);
});
