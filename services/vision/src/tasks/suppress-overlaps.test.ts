import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Box, clipBox, type Detection, intersectionOverUnion } from './detection.ts';
import { suppressOverlaps } from './suppress-overlaps.ts';

const limits = { sameLabel: 0.5, anyLabel: 0.9 };
const box = (...[x, y, width, height]: [number, number, number, number]): Box => ({ x, y, width, height });
const found = (label: string, score: number, at: Box): Detection => ({ label, score, box: at, keypoints: [] });
const scores = (detections: readonly Detection[]): number[] => detections.map(({ score }) => score);

test('intersection over union of hand-made boxes', () => {
  assert.equal(intersectionOverUnion(box(0, 0, 2, 2), box(0, 0, 2, 2)), 1);
  assert.equal(intersectionOverUnion(box(0, 0, 2, 2), box(1, 0, 2, 2)), 1 / 3);
  assert.equal(intersectionOverUnion(box(0, 0, 4, 4), box(1, 1, 2, 2)), 0.25);
  assert.equal(intersectionOverUnion(box(0, 0, 2, 2), box(2, 0, 2, 2)), 0);
  assert.equal(intersectionOverUnion(box(0, 0, 2, 2), box(3, 3, 0, 0)), 0);
});

test('a weaker box over a stronger one of its label goes, one that overlaps little stays', () => {
  const kept = suppressOverlaps(
    [found('cat', 0.5, box(1, 0, 10, 10)), found('cat', 0.9, box(0, 0, 10, 10)), found('cat', 0.4, box(8, 0, 10, 10))],
    limits,
  );
  assert.deepEqual(scores(kept), [0.9, 0.4]);
});

test('a box is only measured against those that stayed', () => {
  // Each overlaps its neighbour by 2/3: the middle one goes, so nothing suppresses the last one.
  const kept = suppressOverlaps(
    [0, 2, 4].map((x, index) => found('cat', 0.9 - index / 10, box(x, 0, 10, 10))),
    limits,
  );
  assert.deepEqual(scores(kept), [0.9, 0.7]);
});

test('another label is suppressed by nearly the same box only', () => {
  const rider = found('person', 0.8, box(2, 0, 8, 9));
  const horse = found('horse', 0.9, box(0, 0, 10, 10));
  const cow = found('cow', 0.3, box(0, 0, 10, 9.5));
  assert.deepEqual(suppressOverlaps([cow, rider, horse], limits), [horse, rider]);
});

test('nothing stays nothing', () => {
  assert.deepEqual(suppressOverlaps([], limits), []);
});

test('a clipped box ends at the borders of the image, also when it lies outside', () => {
  const size = { width: 100, height: 50 };
  assert.deepEqual(clipBox(box(-5, 40, 20, 20), size), box(0, 40, 15, 10));
  assert.deepEqual(clipBox(box(10, 10, 5, 5), size), box(10, 10, 5, 5));
  assert.deepEqual(clipBox(box(120, -30, 5, 5), size), box(100, 0, 0, 0));
});
