import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeCtc, type ReadLetter } from './ctc-decode.ts';

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

const text = (read: readonly ReadLetter[]): string => read.map(({ letter }) => letter).join('');
const spaces = (read: readonly ReadLetter[]): number[] => read.map(({ space }) => space);

test('repeats are one letter, and a blank or a space between them makes two', () => {
  assert.equal(text(decodeCtc(steps(['a', 0.9], ['a', 0.9], ['b', 0.9], ['b', 0.9]), letters)), 'ab');
  assert.equal(text(decodeCtc(steps(['a', 0.9], ['-', 0.9], ['a', 0.9]), letters)), 'aa');
  assert.equal(text(decodeCtc(steps(['a', 0.9], [' ', 0.9], ['a', 0.9]), letters)), 'aa');
});

test('a letter has the probability of the step where it came up', () => {
  assert.deepEqual(
    decodeCtc(steps(['a', 0.75], ['a', 0.875], ['-', 0.99], ['b', 0.5]), letters).map(({ probability }) => probability),
    [0.75, 0.5],
  );
});

test('a letter knows the highest probability of a space since the letter before, whether it won or not', () => {
  const read = decodeCtc(
    steps(
      ['-', 0.5, 0.25],
      ['a', 0.75],
      ['-', 0.5, 0.125],
      ['-', 0.5, 0.25],
      ['b', 0.75],
      [' ', 0.5],
      ['a', 0.75],
      ['b', 0.75],
    ),
    letters,
  );
  assert.deepEqual(spaces(read), [0.25, 0.25, 0.5, 0]);
});

test('without a space among the letters there are none', () => {
  assert.deepEqual(spaces(decodeCtc(Float32Array.of(0.1, 0.9, 0, 0.6, 0.4, 0, 0.1, 0, 0.9), ['a', 'b'])), [0, 0]);
});

test('blanks alone are no letters', () => {
  assert.deepEqual(decodeCtc(steps(['-', 0.9], ['-', 0.9]), letters), []);
  assert.deepEqual(decodeCtc(new Float32Array(0), letters), []);
});
