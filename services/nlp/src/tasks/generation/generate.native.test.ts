// Streams of Generate beside each other in one instance: seeds, cancellation, joining, stop strings, refusals.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { refusal } from '@weft/errors';
import { beginToken, continuation, endToken, writeCountingDecoder } from '../../testing/counting-decoder.ts';
import { type OpenedDecoder, openDecoderModel } from '../../testing/open-decoder-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'weft-generate-'));
let model: OpenedDecoder;

before(async () => {
  await writeCountingDecoder(folder, 'm');
  model = await openDecoderModel(folder, 'm');
});

after(async () => {
  await model.close();
  rmSync(folder, { recursive: true });
});

const steps = (): number => model.recorded('weft_generate_step_rows').length;
const tokens = (): number => model.recorded('weft_generate_tokens_total').length;
const running = (): number => model.recorded('weft_generate_sequences').reduce((sum, change) => sum + change, 0);

/** A prompt whose text is at least so long. */
function promptOf(length: number, from = 0): string {
  for (let number = from; ; number++) {
    const prompt = `prompt ${number}`;
    if (continuation([beginToken, ...Buffer.from(prompt)], length).length === length) return prompt;
  }
}

test('text with a seed is the same alone and in a full batch, in 200 of 200', async () => {
  const requests = Array.from({ length: 200 }, (_, seed) => ({
    prompt: `text ${seed % 9}`.repeat(1 + (seed % 4)),
    maxTokens: 10 + (seed % 20),
    temperature: 4,
    topP: 0.9,
    seed,
  }));
  const alone: string[] = [];
  for (const request of requests) alone.push((await model.write(request)).text);
  const together: string[] = [];
  for (let from = 0; from < 200; from += 64) {
    const written = await Promise.all(requests.slice(from, from + 64).map((request) => model.write(request)));
    together.push(...written.map(({ text }) => text));
  }
  assert.deepEqual(together, alone);
  assert.ok(new Set(alone).size > 150, 'the seeds must make a difference');
});

test('without a seed texts differ', async () => {
  const texts = await Promise.all(
    Array.from({ length: 5 }, () => model.write({ prompt: 'x', maxTokens: 20, temperature: 20 })),
  );
  assert.equal(new Set(texts.map(({ text }) => text)).size, 5);
});

test('the text of a stream that is cancelled costs no step more, and leaves the others alone', async () => {
  const leaving = new AbortController();
  const prompt = promptOf(200);
  const cancelled = (async () => {
    let read = 0;
    for await (const _ of model.stream({ prompt, maxTokens: 900 }, leaving.signal))
      if (++read === 5) leaving.abort(refusal('CANCELLED', 'gone'));
  })();
  const other = model.write({ prompt, maxTokens: 30 });
  await assert.rejects(cancelled, { code: 'CANCELLED' });
  const [before, rowsBefore] = [steps(), running()];
  assert.ok(rowsBefore <= 2);
  assert.equal((await other).generatedTokens, 30);
  const rows = model.recorded('weft_generate_step_rows').slice(before + 1);
  assert.deepEqual(new Set(rows), new Set([1]));
  await new Promise(setImmediate);
  assert.equal(running(), 0);
});

test('a reader that leaves ends its text, and the loop rests', async () => {
  for await (const _ of model.stream({ prompt: promptOf(100), maxTokens: 900 })) break;
  await untilNoneRuns();
  const [stepsThen, tokensThen] = [steps(), tokens()];
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  assert.deepEqual([steps(), tokens()], [stepsThen, tokensThen]);
});

test('200 streams that are opened and cancelled at random leave no sequence', async () => {
  let state = 1;
  const random = (): number => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff;
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      for (let turn = random() * 100; turn > 0; turn--) await new Promise(setImmediate);
      const leaving = new AbortController();
      const most = Math.floor(random() * 20);
      let read = 0;
      const stream = model.stream({ prompt: `${index} `.repeat(1 + (index % 30)), maxTokens: 40 }, leaving.signal);
      if (most === 0) setImmediate(() => leaving.abort(refusal('CANCELLED', 'gone')));
      try {
        for await (const _ of stream) {
          read++;
          if (read === most && index % 2 === 0) break;
          if (read === most) leaving.abort(refusal('CANCELLED', 'gone'));
        }
      } catch (thrown) {
        assert.equal((thrown as { code?: string }).code, 'CANCELLED');
      }
    }),
  );
  await untilNoneRuns();
  const prompt = promptOf(10);
  assert.equal((await model.write({ prompt, maxTokens: 10 })).generatedTokens, 10);
});

test('who joins a batch of 63 has the first token within two steps', async () => {
  const leaving = new AbortController();
  const others = Array.from({ length: 63 }, async (_, index) => {
    const stream = model.stream({ prompt: promptOf(300, index * 5), maxTokens: 900 }, leaving.signal);
    await assert.rejects(async () => {
      for await (const _ of stream);
    });
  });
  while (model.recorded('weft_generate_step_rows').at(-1) !== 63) await new Promise(setImmediate);
  for (let time = 0; time < 10; time++) {
    const before = steps();
    for await (const _ of model.stream({ prompt: `who joins late, number ${time}`, maxTokens: 5 })) break;
    assert.ok(steps() - before <= 2, `${steps() - before} steps`);
  }
  leaving.abort(refusal('CANCELLED', 'gone'));
  await Promise.all(others);
});

test('a text ends before a stop string, and nothing of it is sent', async () => {
  const prompt = promptOf(60);
  const whole = (await model.write({ prompt, maxTokens: 60 })).text;
  const stop = whole.slice(20, 23);
  const { text, finishReason, pieces } = await model.write({ prompt, maxTokens: 60, stop: ['not in it', stop] });
  assert.equal(text, whole.slice(0, whole.indexOf(stop)));
  assert.equal(finishReason, 'FINISH_REASON_STOP');
  assert.equal(pieces.join(''), text);
});

test('prompt and text together keep to the context', async () => {
  const prompt = 'a'.repeat(989);
  const { finishReason, generatedTokens } = await model.write({ prompt, maxTokens: 500 });
  const expected = continuation([beginToken, ...Buffer.from(prompt)], 10).length;
  assert.equal(generatedTokens, expected);
  assert.equal(finishReason, expected === 10 ? 'FINISH_REASON_LENGTH' : 'FINISH_REASON_STOP');
});

test('special tokens in the prompt count as such', async () => {
  const prompt = [beginToken, ...Buffer.from('a'), endToken, ...Buffer.from('b')];
  const expected = continuation(prompt, 5).filter((token) => token < 256);
  assert.equal((await model.write({ prompt: 'a<|end|>b', maxTokens: 5 })).text, Buffer.from(expected).toString());
});

for (const [request, message] of [
  [{ prompt: 'a'.repeat(1000) }, /^prompt: has 1001 tokens, which leaves no room .* at most 1000$/],
  [
    { prompt: 'b'.repeat(9000) },
    /^prompt: has 9000 characters, so at least 1000 tokens, which leaves no room for text/,
  ],
  [{ prompt: 'a', temperature: -1 }, /^temperature: /],
  [{ prompt: 'a', temperature: Number.NaN }, /^temperature: /],
  [{ prompt: 'a', topP: 1.5 }, /^top_p: /],
  [{ prompt: 'a', seed: 2 ** 53 }, /^seed: over the limit of 9007199254740991$/],
  [{ prompt: 'a', stop: [''] }, /^stop: /],
  [{ prompt: 'a', stop: new Array<string>(17).fill('x') }, /^stop: holds 17 strings/],
] as const)
  test(`a request with ${JSON.stringify(request).slice(0, 60)} is refused`, async () => {
    await assert.rejects(model.write({ ...request, stop: 'stop' in request ? [...request.stop] : [] }), {
      code: 'INVALID_ARGUMENT',
      message,
    });
  });

async function untilNoneRuns(): Promise<void> {
  while (running() > 0) await new Promise(setImmediate);
}
