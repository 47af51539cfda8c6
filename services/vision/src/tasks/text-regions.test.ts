import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTextRegions, grow, type ScoreMap } from './text-regions.ts';

const [width, height] = [60, 40];

/** A map with this score inside each of the boxes [x, y, width, height] and nothing elsewhere. */
function mapWith(score: number, ...boxes: [number, number, number, number][]): ScoreMap {
  const map = new Float32Array(width * height);
  for (const [x, y, w, h] of boxes) {
    for (let row = y; row < y + h; row++) map.fill(score, row * width + x, row * width + x + w);
  }
  return { scores: map, width, height };
}

test('a kernel becomes its rectangle, grown by area × 1.8 / perimeter on every side', () => {
  const [region, ...others] = findTextRegions(mapWith(0.75, [10, 12, 40, 10]));
  assert.equal(others.length, 0);
  // 40 × 10 × 1.8 / 100 = 7.2
  assert.deepEqual(region, {
    score: 0.75,
    rectangle: { centre: { x: 30, y: 17 }, along: { x: 1, y: 0 }, width: 54.4, height: 24.4 },
  });
});

test('two kernels apart are two regions', () => {
  assert.equal(findTextRegions(mapWith(0.9, [2, 2, 20, 5], [2, 10, 20, 5])).length, 2);
});

test('weak regions, thin ones and weak pixels are no text', () => {
  assert.deepEqual(findTextRegions(mapWith(0.55, [10, 12, 40, 10])), []);
  assert.deepEqual(findTextRegions(mapWith(0.9, [10, 12, 40, 2])), []);
  assert.deepEqual(findTextRegions(mapWith(0.29, [10, 12, 40, 10])), []);
});

test('the score is the mean of the whole rectangle, holes included', () => {
  const [region] = findTextRegions(mapWith(0.9, [0, 0, 20, 4], [0, 6, 20, 4], [0, 4, 4, 2]));
  assert.ok(Math.abs((region?.score ?? 0) - (0.9 * 168) / 200) < 1e-6);
});

test('a slanted kernel has a slanted rectangle', () => {
  const map = new Float32Array(width * height);
  for (let x = 5; x < 55; x++) {
    const middle = 5 + Math.round((x - 5) / 2);
    for (let y = middle - 3; y <= middle + 3; y++) if (y >= 0) map[y * width + x] = 1;
  }
  const [region] = findTextRegions({ scores: map, width, height });
  const slope = (region?.rectangle.along.y ?? 0) / (region?.rectangle.along.x ?? 1);
  assert.ok(Math.abs(slope - 0.5) < 0.05, `slope ${slope}`);
  assert.ok((region?.score ?? 0) > 0.8);
});

test('growing keeps centre and direction', () => {
  const rectangle = { centre: { x: 1, y: 2 }, along: { x: 0.8, y: 0.6 }, width: 30, height: 10 };
  assert.deepEqual(grow(rectangle, 2), { ...rectangle, width: 45, height: 25 });
});
