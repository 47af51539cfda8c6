// The text classification task on the language detection model.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ClassifyResponse__Output } from '@weft/rpc/messages/weft/nlp/v1/ClassifyResponse';
import { attended, type OpenModel, openDefaultModel } from '@weft/runtime/testing';
import { catalogue } from '../catalogue.ts';
import { snippets } from '../testing/snippets.ts';

const allLanguages = 54;

describe('text classification by programming language', () => {
  let open: OpenModel;
  before(async () => {
    open = await openDefaultModel(catalogue, 'language-detection');
  });
  after(() => open.close());

  const classify = async (texts: readonly string[], topK = 0) => {
    const { results } = await open.ask<ClassifyResponse__Output>('Classify', { texts, topK });
    return results.map(({ labels }) => labels);
  };

  test('programs in 13 languages are told apart', async () => {
    const results = await classify(Object.values(snippets));
    assert.deepEqual(
      results.map((labels) => labels[0]?.name),
      Object.keys(snippets),
    );
  });

  test('there are five labels unless top_k says otherwise, the likeliest first, with scores that sum up to 1', async () => {
    const [five] = await classify([snippets['Go'] as string]);
    const [all] = await classify([snippets['Go'] as string], 1000);
    assert.equal(all?.length, allLanguages);
    assert.deepEqual(five, all?.slice(0, 5));
    const scores = (all ?? []).map(({ score }) => score);
    assert.deepEqual(
      scores,
      [...scores].sort((a, b) => b - a),
    );
    assert.ok(scores.every((score) => score >= 0 && score <= 1));
    assert.ok(Math.abs(scores.reduce((sum, score) => sum + score, 0) - 1) < 1e-4);
  });

  test('every label is a name of its own, not a file extension', async () => {
    const [all] = await classify(['x'], 1000);
    const names = (all ?? []).map(({ name }) => name);
    assert.equal(new Set(names).size, allLanguages);
    assert.deepEqual(
      names.filter((name) => !/^[A-Z]/.test(name)),
      [],
    );
  });

  test('a text has the same scores alone and in a batch of other requests, more than one run holds', async () => {
    const odd = ['', '\0\0', '👩‍👩‍👧‍👦🎉', 'مرحبا', '\ud800', ...Object.values(snippets)];
    const requests = odd.map((text) => ({ texts: [text], topK: 1000 }));
    const outcomes = await open.method('Classify').infer(
      requests,
      requests.map(() => attended),
    );
    assert.equal(outcomes.length, odd.length);
    for (const [index, text] of odd.entries()) {
      const [alone] = await classify([text], 1000);
      const [together] = (outcomes[index] as ClassifyResponse__Output).results;
      assert.equal(together?.labels.length, allLanguages);
      const scores = new Map(alone?.map(({ name, score }) => [name, score]));
      for (const { name, score } of together.labels) assert.ok(Math.abs(score - (scores.get(name) as number)) < 1e-5);
    }
  });

  test('what stands far behind the beginning, and the kind of line ends, changes nothing', async () => {
    const program = (snippets['Python'] as string).repeat(40);
    const [plain, longer, windows] = await classify([
      program,
      `${program}<html>`.repeat(20),
      program.replaceAll('\n', '\r\n'),
    ]);
    assert.ok(program.length > 10_001);
    assert.deepEqual(longer, plain);
    assert.deepEqual(windows, plain);
  });

  test('a request without texts is invalid, and names the field', async () => {
    await assert.rejects(classify([]), /^WeftError: texts: must hold at least one text$/);
    await assert.rejects(
      classify(new Array<string>(1025).fill('x')),
      /^WeftError: texts: holds 1025 texts, the limit is 1024$/,
    );
  });

  test('warming up runs as many rows as it is told', async () => {
    await open.task.warmup(3);
  });
});
