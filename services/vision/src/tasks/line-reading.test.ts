import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReadLetter } from './ctc-decode.ts';
import { isDoubtful, lineText, mergeReadings } from './line-reading.ts';

const letter = (name: string, probability = 0.9, space = 0): ReadLetter => ({ letter: name, probability, space });

test('a space needs a fifth, and none begins the line', () => {
  assert.equal(lineText([letter('a', 0.9, 0.9), letter('b', 0.9, 0.25), letter('c', 0.9, 0.15)]).text, 'a bc');
});

test('the score is the mean of the letters, 0 without any', () => {
  assert.equal(lineText([letter('a', 0.75), letter('b', 0.5)]).score, 0.625);
  assert.deepEqual(lineText([]), { text: '', score: 0 });
});

test('wide punctuation becomes plain in a Latin line', () => {
  assert.equal(lineText([letter('a'), letter('，'), letter('b', 0.9, 0.5)]).text, 'a, b');
});

test('weak letters and half spaces are doubtful; clear ones, and what stands before the line, are not', () => {
  assert.equal(isDoubtful([letter('a', 0.95, 0.3), letter('b', 0.95, 0.7), letter('c', 0.95, 0.01)]), false);
  assert.equal(isDoubtful([letter('a', 0.79)]), true);
  assert.equal(isDoubtful([letter('a'), letter('b', 0.95, 0.05)]), true);
});

test('merged readings take the surer of each letter and every space', () => {
  const merged = mergeReadings([letter('S', 0.6), letter('5', 0.9, 0.5)], [letter('$', 0.8, 0), letter('6', 0.7, 0)]);
  assert.deepEqual(merged, [letter('$', 0.8, 0), letter('5', 0.9, 0.5)]);
});

test('of readings of different length the surer one counts', () => {
  const short = [letter('a', 0.9)];
  const long = [letter('a', 0.8), letter('a', 0.8)];
  assert.equal(mergeReadings(short, long), short);
  assert.equal(mergeReadings(long, short), short);
});
