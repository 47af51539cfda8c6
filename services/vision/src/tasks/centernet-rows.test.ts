import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blankImage, letterboxImage } from '@weft/image';
import { readCenternetRows } from './centernet-rows.ts';

const labels = ['person', 'cup', 'bowl'];
// 200×100 in 100×100: half the size, 25 pixels from the top.
const box = await letterboxImage(blankImage(200, 100, [0, 0, 0]), { width: 100, height: 100 });

function read(rows: number[][], minScore = 0.3) {
  return readCenternetRows(Float32Array.from(rows.flat()), box, { labels, minScore });
}

test('a row becomes a box in pixels of the original image', () => {
  assert.deepEqual(read([[10, 30, 40, 70, 0.5, 1]]), [
    { label: 'cup', score: 0.5, box: { x: 20, y: 10, width: 60, height: 80 }, keypoints: [] },
  ]);
});

test('what lies in the border is cut off, and what lies wholly there is left out', () => {
  const found = read([
    [-10, 10, 50, 50, 0.5, 0],
    [10, 0, 50, 20, 0.75, 0],
  ]);
  assert.deepEqual(
    found.map((each) => each.box),
    [{ x: 0, y: 0, width: 100, height: 50 }],
  );
});

test('rows under the threshold, of unknown classes and with no score are left out', () => {
  assert.deepEqual(
    read([
      [10, 30, 40, 70, 0.29, 0],
      [10, 30, 40, 70, 0.9, 3],
      [10, 30, 40, 70, Number.NaN, 0],
    ]),
    [],
  );
});

test('one thing with rows of several classes is found once, as the surest of them', () => {
  const found = read([
    [10, 30, 40, 70, 0.4, 2],
    [10, 30, 40, 70, 0.5, 1],
    [60, 30, 90, 70, 0.625, 1],
  ]);
  assert.deepEqual(
    found.map(({ label, score }) => [label, score]),
    [
      ['cup', 0.625],
      ['cup', 0.5],
    ],
  );
});
