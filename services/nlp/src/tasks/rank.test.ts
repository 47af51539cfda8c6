import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rankDocuments } from './rank.ts';

const query = Float32Array.of(1, 0);
const documents = [
  Float32Array.of(0, 1),
  Float32Array.of(0.6, 0.8),
  Float32Array.of(-1, 0),
  Float32Array.of(1, 0),
  Float32Array.of(0.6, -0.8),
];

test('the most similar document is first, equal ones are in their order, and no score is below 0', () => {
  assert.deepEqual(rankDocuments(query, documents, 0), [
    { index: 3, score: 1 },
    { index: 1, score: 0.6 },
    { index: 4, score: 0.6 },
    { index: 0, score: 0 },
    { index: 2, score: 0 },
  ]);
});

test('top_k cuts the list off, and may ask for more than there is', () => {
  assert.deepEqual(
    rankDocuments(query, documents, 2).map(({ index }) => index),
    [3, 1],
  );
  assert.equal(rankDocuments(query, documents, 100).length, documents.length);
});
