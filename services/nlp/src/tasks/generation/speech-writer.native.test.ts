// The default model of Generate. Its numbers are rounded, unlike those of the model of the other tests: that a seed gives the same text
// in any batch is true of nearly all texts, not of all.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type OpenedDecoder, openDecoderModel } from '../../testing/open-decoder-model.ts';

const models = fileURLToPath(new URL('../../../../../models/nlp/', import.meta.url));
const batch = 64;
let model: OpenedDecoder;

before(async () => {
  model = await openDecoderModel(models, 'speech-writer');
});

after(() => model.close());

test('text with a seed is the same alone and in a full batch in at least 98% of 200 runs', async (t) => {
  const requests = Array.from({ length: 200 }, (_, seed) => ({
    prompt:
      ['The Congress', 'My fellow citizens, we', 'In the last year the economy of the United States'][seed % 3] ?? '',
    maxTokens: 24,
    temperature: 0.8,
    topP: 0.95,
    seed,
  }));
  const alone: string[] = [];
  for (const request of requests) alone.push((await model.write(request)).text);
  const together: string[] = [];
  for (let from = 0; from < requests.length; from += batch) {
    const written = await Promise.all(requests.slice(from, from + batch).map((request) => model.write(request)));
    together.push(...written.map(({ text }) => text));
  }
  const same = alone.filter((text, seed) => text === together[seed]).length;
  t.diagnostic(`${same} of 200 are the same`);
  assert.ok(same >= 196, `${same} of 200`);
  assert.ok(new Set(alone).size > 150, 'seeds must make a difference');
});
