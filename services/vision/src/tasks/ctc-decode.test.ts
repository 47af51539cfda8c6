import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeCtc } from './ctc-decode.ts';

const letters = ['a', 'b', ' '];

/** Steps in which the class named has this probability, the space its own, and the others share the rest. */
function steps(...likeliest: [letter: '-' | 'a' | 'b' | ' ', probability: number, space?: number][]): Float32Array {
  return Float32Array.from(
    likeliest.flatMap(([letter, probability, space = 0]) => {
      const others = (1 - probability - space) / 2;
      return ['-', ...letters].map((each) => (each === letter ? probability : each === ' ' ? space : others));
    }),
  );
}

test('repeats are one letter, and a blank between them makes two', () => {
  assert.equal(decodeCtc(steps(['a', 0.9], ['a', 0.9], ['b', 0.9], ['b', 0.9]), letters).text, 'ab');
  assert.equal(decodeCtc(steps(['a', 0.9], ['-', 0.9], ['a', 0.9]), letters).text, 'aa');
});

test('a space that wins, or loses to the blank with a fifth, separates', () => {
  assert.equal(decodeCtc(steps(['a', 0.9], [' ', 0.9], ['b', 0.9]), letters).text, 'a b');
  assert.equal(decodeCtc(steps(['a', 0.9], ['-', 0.7, 0.25], ['b', 0.9]), letters).text, 'a b');
  assert.equal(decodeCtc(steps(['a', 0.9], ['-', 0.8, 0.15], ['b', 0.9]), letters).text, 'ab');
});

test('spaces in a row are one, and at the ends none', () => {
  const ends = steps([' ', 0.9], ['a', 0.9], [' ', 0.9], ['-', 0.5, 0.3], [' ', 0.9], ['b', 0.9], ['-', 0.7, 0.25]);
  assert.equal(decodeCtc(ends, letters).text, 'a b');
});

test('the same letter on both sides of a space is two letters', () => {
  assert.equal(decodeCtc(steps(['a', 0.9], [' ', 0.9], ['a', 0.9]), letters).text, 'a a');
});

test('the score is the mean of the steps that gave a letter', () => {
  const { score } = decodeCtc(steps(['a', 0.75], ['a', 0.9], ['-', 0.99], ['b', 0.5]), letters);
  assert.equal(score, 0.625);
});

test('without a space among the letters there are none', () => {
  const probabilities = Float32Array.of(0.1, 0.9, 0, 0.6, 0.4, 0, 0.1, 0, 0.9);
  assert.equal(decodeCtc(probabilities, ['a', 'b']).text, 'ab');
});

test('blanks alone are no text, with score 0', () => {
  assert.deepEqual(decodeCtc(steps(['-', 0.9], ['-', 0.9]), letters), { text: '', score: 0 });
  assert.deepEqual(decodeCtc(new Float32Array(0), letters), { text: '', score: 0 });
});
