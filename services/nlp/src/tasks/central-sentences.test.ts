import assert from 'node:assert/strict';
import { test } from 'node:test';
import { centralSentences } from './central-sentences.ts';

/** A unit vector in the plane. */
const at = (degrees: number) =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));

test('the sentences nearest to the centre are chosen, in their order', () => {
  assert.deepEqual(centralSentences([at(90), at(20), at(-20), at(-90), at(0)], 3), [1, 2, 4]);
});

test('a sentence that says the same as a chosen one gives way to others', () => {
  const vectors = [at(0), at(1), at(2), at(40), at(-40)];
  assert.deepEqual(centralSentences(vectors, 1), [1]);
  assert.deepEqual(centralSentences(vectors, 3), [1, 3, 4]);
});

test('sentences that say the same fill up when no others are left', () => {
  assert.deepEqual(centralSentences([at(0), at(0), at(0), at(90)], 3), [0, 1, 3]);
});

test('there are no more sentences than the text has', () => {
  assert.deepEqual(centralSentences([at(0), at(50)], 9), [0, 1]);
});
