// The text embedding task on its real model.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { EmbedResponse__Output } from '@weft/rpc/messages/weft/nlp/v1/EmbedResponse';
import type { RankResponse__Output } from '@weft/rpc/messages/weft/nlp/v1/RankResponse';
import type { SummarizeResponse__Output } from '@weft/rpc/messages/weft/nlp/v1/SummarizeResponse';
import type { TokenizeResponse__Output } from '@weft/rpc/messages/weft/nlp/v1/TokenizeResponse';
import { attended, type OpenModel, openDefaultModel } from '@weft/runtime/testing';
import { catalogue } from '../catalogue.ts';
import { triples } from '../testing/paraphrases.ts';
import { rankDocuments } from './rank.ts';

const oddTexts = [
  '',
  ' \t\n',
  '\0',
  'NUL\0in the middle',
  '👩‍👩‍👧‍👦 a family 🎉🎉',
  'Z̷̢a̸͜l̶g̵o̴ e\u0301',
  'مرحبا بالعالم',
  'שלום 123 עולם',
  '日本語のテキスト',
  '\ud800 half a pair',
  '▁▁▁',
  'x'.repeat(5000),
  'word '.repeat(3000),
];

/** Sentences 2 and 6 are about something else. */
const report = `The city council decided on Monday to build a new tram line through the old town.
The line will connect the main station with the university and should open in five years.
My aunt keeps three parrots in her kitchen.
According to the mayor, Dr. Weber, the tram will replace forty buses a day and make the streets of the old town quieter.
Shop owners fear that the building works for the tram will keep their customers away.
The council promised to pay those shops along the new line that lose money during the works.
A good tomato soup needs fresh basil.
Work on the tracks of the tram line begins next spring, when the council has chosen a builder.`;

describe('text embedding on the Universal Sentence Encoder lite', () => {
  let open: OpenModel;
  before(async () => {
    open = await openDefaultModel(catalogue, 'use-lite');
  });
  after(() => open.close());

  const embed = async (texts: readonly string[]) => {
    const { embeddings } = await open.ask<EmbedResponse__Output>('Embed', { texts });
    return embeddings.map(({ values }) => values);
  };

  test('every text has a vector of 512 values and unit length, in the order of the texts', async () => {
    const texts = triples.flatMap(({ query, paraphrase }) => [query, paraphrase]);
    const vectors = await embed([...texts, ...oddTexts]);
    assert.equal(vectors.length, texts.length + oddTexts.length);
    for (const vector of vectors) {
      assert.equal(vector.length, 512);
      assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5);
    }
    const [alone] = await embed([texts[7] as string]);
    assertNear(vectors[7], alone);
  });

  test('a text has the same vector alone and in a batch of other requests', async () => {
    const texts = ['Short.', ...oddTexts, 'A sentence of a usual length, neither long nor short.'];
    const requests = [{ texts: texts.slice(0, 4) }, { texts: texts.slice(4, 5) }, { texts: texts.slice(5) }];
    const outcomes = await open.method('Embed').infer(
      requests,
      requests.map(() => attended),
    );
    const together = outcomes.flatMap((outcome) => (outcome as EmbedResponse__Output).embeddings);
    assert.equal(together.length, texts.length);
    for (const [index, text] of texts.entries()) {
      const [alone] = await embed([text]);
      assertNear(together[index]?.values, alone);
    }
  });

  test('one invalid request of a batch fails alone', async () => {
    const requests = [
      { texts: ['good'] },
      { texts: [] },
      { texts: ['fine', 'y'.repeat((1 << 20) + 1)] },
      { texts: ['also good'] },
    ];
    const outcomes = await open.method('Embed').infer(
      requests,
      requests.map(() => attended),
    );
    assert.deepEqual(
      outcomes.map((outcome) =>
        outcome instanceof Error ? outcome.message : (outcome as EmbedResponse__Output).embeddings.length,
      ),
      [1, 'texts: must hold at least one text', 'texts[1]: 1048577 bytes, the limit is 1048576 bytes', 1],
    );
  });

  test('Rank puts the paraphrase above the unrelated text in 19 of the first 20 triples, and in 23 of all 24', async () => {
    const right: boolean[] = [];
    for (const [number, { query, paraphrase, unrelated }] of triples.entries()) {
      const first = number % 2;
      const documents = first === 0 ? [paraphrase, unrelated] : [unrelated, paraphrase];
      const { results } = await open.ask<RankResponse__Output>('Rank', { query, documents, topK: 0 });
      assert.equal(results.length, 2);
      assert.ok(results.every(({ score }) => score >= 0 && score <= 1));
      right.push(results[0]?.index === first);
    }
    assert.ok(right.slice(0, 20).filter(Boolean).length >= 19);
    assert.ok(right.filter(Boolean).length >= 23);
  });

  test('of the paraphrases of all, at least 22 of 24 queries are nearest to their own', async () => {
    const vectors = await embed(triples.flatMap(({ query, paraphrase }) => [query, paraphrase]));
    const queries = vectors.filter((_, index) => index % 2 === 0).map((values) => Float32Array.from(values));
    const paraphrases = vectors.filter((_, index) => index % 2 === 1).map((values) => Float32Array.from(values));
    const found = queries.filter((query, index) => rankDocuments(query, paraphrases, 1)[0]?.index === index);
    assert.ok(found.length >= 22, `${found.length} of ${triples.length}`);
  });

  test('Rank gives equal documents equal scores, in their order, and refuses an empty query', async () => {
    const documents = ['a green tree', 'an old tax law', 'a green tree', 'a green tree'];
    const { results } = await open.ask<RankResponse__Output>('Rank', { query: 'a green tree', documents, topK: 0 });
    assert.deepEqual(
      results.map(({ index }) => index),
      [0, 2, 3, 1],
    );
    assert.deepEqual(
      results.slice(0, 3).map(({ score }) => score),
      [1, 1, 1],
    );
    const best = await open.ask<RankResponse__Output>('Rank', { query: 'a green tree', documents, topK: 2 });
    assert.deepEqual(best.results, results.slice(0, 2));
    await assert.rejects(open.ask('Rank', { query: ' ', documents, topK: 0 }), /^WeftError: query: must not be empty$/);
    await assert.rejects(
      open.ask('Rank', { query: 'x', documents: [], topK: 0 }),
      /^WeftError: documents: must hold at least one text$/,
    );
  });

  test('Summarize leaves out what is off the topic and keeps the order of the text', async () => {
    for (const maxSentences of [0, 1, 2, 4, 6]) {
      const count = maxSentences === 0 ? 3 : maxSentences;
      const { summary, sentenceIndexes } = await open.ask<SummarizeResponse__Output>('Summarize', {
        text: report,
        maxSentences,
      });
      assert.equal(sentenceIndexes.length, count);
      assert.deepEqual(
        sentenceIndexes,
        [...sentenceIndexes].sort((a, b) => a - b),
      );
      assert.ok(!sentenceIndexes.includes(2) && !sentenceIndexes.includes(6), `${sentenceIndexes}`);
      assert.ok(!/parrots|soup/.test(summary));
      assert.equal(summary.split('. ').length, summary.includes('Dr. Weber') ? count + 1 : count);
    }
  });

  test('Summarize gives all sentences where there are no more than asked for', async () => {
    assert.deepEqual(await open.ask('Summarize', { text: 'One sentence.  And\none more.', maxSentences: 5 }), {
      summary: 'One sentence. And one more.',
      sentenceIndexes: [0, 1],
    });
    await assert.rejects(
      open.ask('Summarize', { text: '\n', maxSentences: 0 }),
      /^WeftError: text: must not be empty$/,
    );
    await assert.rejects(
      open.ask('Summarize', { text: 'So it is. '.repeat(1025), maxSentences: 0 }),
      /^WeftError: text: holds 1025 sentences, the limit is 1024$/,
    );
  });

  test('Tokenize gives the ids and pieces of the published tokenizer', async () => {
    const { results } = await open.ask<TokenizeResponse__Output>('Tokenize', {
      texts: ['Hello, how are you?', '', 'i like tfjs 😀'],
    });
    assert.deepEqual(results, [
      { ids: [341, 4125, 8, 140, 31, 19, 54], pieces: ['▁H', 'ello', ',', '▁how', '▁are', '▁you', '?'] },
      { ids: [], pieces: [] },
      { ids: [103, 60, 885, 209, 785, 7, 30, 0], pieces: ['▁i', '▁like', '▁t', 'f', 'j', 's', '▁', '😀'] },
    ]);
  });

  test('an item that nobody waits for is left out, and the others are answered', async () => {
    const gone = {
      throwIfGone() {
        throw new Error('gone');
      },
    };
    const [first, second] = await open
      .method('Embed')
      .infer([{ texts: ['one'] }, { texts: ['two'] }], [gone, attended]);
    assert.ok(first instanceof Error);
    assert.equal((second as EmbedResponse__Output).embeddings.length, 1);
  });

  test('warming up runs as many rows as it is told', async () => {
    await open.task.warmup(1);
    await open.task.warmup(8);
  });
});

function assertNear(actual: readonly number[] | undefined, expected: readonly number[] | undefined): void {
  assert.ok(actual !== undefined && expected !== undefined && actual.length === expected.length);
  const difference = Math.max(...actual.map((value, index) => Math.abs(value - (expected[index] as number))));
  assert.ok(difference < 1e-5, `differ by ${difference}`);
}
