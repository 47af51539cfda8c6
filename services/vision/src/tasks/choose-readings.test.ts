import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Quad } from '@weft/image';
import { chooseReadings, type Reading, readingsToAdd } from './choose-readings.ts';
import { turnedQuad } from './text-quads.ts';

const level: Quad = [
  { x: 0, y: 0 },
  { x: 30, y: 0 },
  { x: 30, y: 10 },
  { x: 0, y: 10 },
];
const right = { x: 1, y: 0 };
const reading = (...[piece, quarters, text, score]: [number, number, string, number]): Reading => ({
  piece,
  quad: turnedQuad(level, quarters),
  text,
  score,
});
const texts = (readings: readonly Reading[]): string[] => readings.map(({ text }) => text);

test('of the readings of a piece the best counts', () => {
  assert.deepEqual(
    texts(chooseReadings([reading(1, 0, 'b', 0.9), reading(0, 0, 'low', 0.6), reading(0, 1, 'high', 0.9)], right, 0.5)),
    ['high', 'b'],
  );
});

test('what runs with the page wins unless another is clearly better', () => {
  assert.deepEqual(texts(chooseReadings([reading(0, 1, '-', 0.95), reading(0, 0, '1', 0.9)], right, 0.5)), ['1']);
  assert.deepEqual(texts(chooseReadings([reading(0, 1, 'margin', 0.95), reading(0, 0, 'x', 0.6)], right, 0.5)), [
    'margin',
  ]);
  assert.deepEqual(texts(chooseReadings([reading(0, 1, '1', 0.9), reading(0, 0, '-', 0.95)], { x: 0, y: 1 }, 0.5)), [
    '1',
  ]);
});

test('what nobody can read is left out', () => {
  assert.deepEqual(chooseReadings([reading(0, 0, '?', 0.45)], right, 0.5), []);
});

test('only pieces that were not read along the page are added, once, turned to it', () => {
  const added = readingsToAdd(
    [reading(0, 0, 'a', 0.9), reading(1, 1, 'b', 0.9), reading(1, 3, 'c', 0.2), reading(2, 2, 'd', 0.9)],
    right,
  );
  assert.deepEqual(added, [
    { piece: 1, quad: level },
    { piece: 2, quad: level },
  ]);
});
