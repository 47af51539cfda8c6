// Text generation with a real runtime and a model whose texts are known exactly (testing/counting-decoder.ts).
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  beginToken,
  continuation,
  type CountingDecoder,
  writeCountingDecoder,
} from '../../testing/counting-decoder.ts';
import { type OpenedDecoder, openDecoderModel } from '../../testing/open-decoder-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'weft-generate-'));
const kinds = {
  'an FP32 cache': {},
  'an FP16 cache': { datatype: 'FP16' },
  'no positions, and padding that counts': { unpadded: true },
} satisfies Record<string, CountingDecoder>;

after(() => rmSync(folder, { recursive: true }));

function tokensOf(prompt: string): number[] {
  return [beginToken, ...Buffer.from(prompt)];
}

function expectedText(prompt: string, maxTokens: number): string {
  return Buffer.from(continuation(tokensOf(prompt), maxTokens).filter((token) => token < 256)).toString();
}

for (const [kind, decoder] of Object.entries<CountingDecoder>(kinds)) {
  describe(`a decoder with ${kind}`, () => {
    const name = kind.replaceAll(/\W+/g, '-');
    let model: OpenedDecoder;

    before(async () => {
      await writeCountingDecoder(folder, name, decoder);
      model = await openDecoderModel(folder, name);
    });

    after(() => model.close());

    test('writes what its function gives, to the end token or the last that was asked for', async () => {
      for (const prompt of ['', 'a', 'hello', 'a long prompt, in more than one part: '.repeat(15)]) {
        const expected = continuation(tokensOf(prompt), 40);
        const written = await model.write({ prompt, maxTokens: 40 });
        assert.equal(written.text, expectedText(prompt, 40), prompt);
        assert.equal(written.generatedTokens, expected.length);
        assert.equal(written.finishReason, expected.length < 40 ? 'FINISH_REASON_STOP' : 'FINISH_REASON_LENGTH');
      }
    });

    test('writes 64 texts of different lengths that come at different times, each as if it were alone', async () => {
      const prompts = Array.from({ length: 64 }, (_, index) => 'weft '.repeat(index % 13) + index);
      const texts = await Promise.all(
        prompts.map(async (prompt, index) => {
          for (let turn = 0; turn < index * 3; turn++) await new Promise(setImmediate);
          return (await model.write({ prompt, maxTokens: 5 + index })).text;
        }),
      );
      assert.deepEqual(
        texts,
        prompts.map((prompt, index) => expectedText(prompt, 5 + index)),
      );
    });
  });
}

describe('a decoder whose caches may hold 100 tokens', () => {
  let model: OpenedDecoder;

  before(async () => {
    const settings = 'parameters { key: "weft.max_cache_tokens" value { string_value: "100" } }';
    await writeCountingDecoder(folder, 'small', { settings });
    model = await openDecoderModel(folder, 'small');
  });

  after(() => model.close());

  test('writes 40 texts, of which it has as many at once as fit', async () => {
    const prompts = Array.from({ length: 40 }, (_, index) => 'x'.repeat(index));
    const texts = await Promise.all(prompts.map(async (prompt) => (await model.write({ prompt, maxTokens: 20 })).text));
    assert.deepEqual(
      texts,
      prompts.map((prompt) => expectedText(prompt, 20)),
    );
    assert.deepEqual(model.recorded('weft_generate_max_cache_tokens'), [100]);
    let cached = 0;
    const cachedAfter = model.recorded('weft_generate_cache_tokens').map((change) => (cached += change));
    assert.ok(cachedAfter.every((tokens) => tokens <= 100));
    assert.ok(model.recorded('weft_generate_step_rows').some((rows) => rows > 1));
  });

  test('refuses a text that could never fit, with the limit', async () => {
    const never = model.write({ prompt: 'x', maxTokens: 99 });
    await assert.rejects(never, { code: 'INVALID_ARGUMENT', message: /^max_tokens: .* 101 tokens .* at most 100 / });
  });
});

test('a limit of the caches that is no number of tokens keeps the model from loading', async () => {
  const settings = 'parameters { key: "weft.max_cache_tokens" value { string_value: "1e6" } }';
  await writeCountingDecoder(folder, 'wrong', { settings });
  await assert.rejects(openDecoderModel(folder, 'wrong'), { code: 'INVALID_ARGUMENT', message: /max_cache_tokens/ });
});
