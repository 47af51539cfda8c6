import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeCtc } from './ctc-decode.ts';

const letters = ['a', 'b', ' '];

/** Steps in which the class named has this probability and the others share the rest. */
function steps(...likeliest: [letter: '-' | 'a' | 'b' | ' ', probability: number][]): Float32Array {
  return Float32Array.from(
    likeliest.flatMap(([letter, probability]) => ['-', ...letters].map((each) => (each === letter ? probability : (1 - probability) / 3))),
  );
}

test('repeats are one letter, and a blank between them makes two', () => {
  assert.equal(decodeCtc(steps(['a', 0.9], ['a', 0.9], ['b', 0.9], ['b', 0.9]), letters).text, 'ab');
  assert.equal(decodeCtc(steps(['a', 0.9], ['-', 0.9], ['a', 0.9]), letters).text, 'aa');
});

test('a space is a letter', () => {
  assert.equal(decodeCtc(steps(['a', 0.9], [' ', 0.9], ['b', 0.9]), letters).text, 'a b');
});

test('the score is the mean of the steps that gave a letter', () => {
  const { score } = decodeCtc(steps(['a', 0.75], ['a', 0.9], ['-', 0.99], ['b', 0.5]), letters);
  assert.equal(score, 0.625);
});

test('blanks alone are no text, with score 0', () => {
  assert.deepEqual(decodeCtc(steps(['-', 0.9], ['-', 0.9]), letters), { text: '', score: 0 });
  assert.deepEqual(decodeCtc(new Float32Array(0), letters), { text: '', score: 0 });
});
