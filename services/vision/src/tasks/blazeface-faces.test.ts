import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blankImage, letterboxImage } from '@weft/image';
import { anchorCentres, type AnchorGrid, blendOverlapping, faceKeypoints, readFaces } from './blazeface-faces.ts';
import type { Detection } from './detection.ts';

// 400×200 in 128×128: scale 0.32, 32 pixels from the top.
const box = await letterboxImage(blankImage(400, 200, [0, 0, 0]), { width: 128, height: 128 });

function emptyGrid(cells: number, anchorsPerCell: number): AnchorGrid {
  const anchors = cells * cells * anchorsPerCell;
  return { scores: new Float32Array(anchors).fill(-100), positions: new Float32Array(anchors * 16), anchorsPerCell };
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-3, `${actual} is not ${expected}`);
}

test('anchors are the middles of the cells, row by row, each as often as a cell has anchors', () => {
  assert.deepEqual(anchorCentres(2, 2), [
    { x: 0.25, y: 0.25 },
    { x: 0.25, y: 0.25 },
    { x: 0.75, y: 0.25 },
    { x: 0.75, y: 0.25 },
    { x: 0.25, y: 0.75 },
    { x: 0.25, y: 0.75 },
    { x: 0.75, y: 0.75 },
    { x: 0.75, y: 0.75 },
  ]);
  assert.deepEqual(anchorCentres(16, 2).length, 512);
  assert.deepEqual(anchorCentres(8, 6).at(-1), { x: 0.9375, y: 0.9375 });
});

test('a face of the coarse grid stands where its anchor and its numbers say, in pixels of the original', () => {
  const grid = emptyGrid(8, 6);
  const anchor = (4 * 8 + 2) * 6 + 3; // row 4, column 2: its centre is (40, 72) of 128
  grid.scores[anchor] = 0; // the sigmoid of 0 is 0.5
  grid.positions.set([8, -8, 32, 16, 1, 2], anchor * 16);
  const [face, ...others] = readFaces([emptyGrid(16, 2), grid], box, 0.5);
  assert.equal(others.length, 0);
  assert.equal(face?.label, 'face');
  near(face.score, 0.5);
  near(face.box.width, 100);
  near(face.box.height, 50);
  near(face.box.x, 150 - 50);
  near(face.box.y, 100 - 25);
  assert.deepEqual(
    face.keypoints.map(({ name }) => name),
    [...faceKeypoints],
  );
  near(face.keypoints[0]?.x ?? 0, 41 / 0.32);
  near(face.keypoints[0]?.y ?? 0, (74 - 32) / 0.32);
});

test('scores under the threshold are no faces', () => {
  const grid = emptyGrid(16, 2);
  grid.scores[7] = 0;
  assert.deepEqual(readFaces([grid], box, 0.51), []);
});

test('overlapping finds become one, the mean weighted by score, under the best score', () => {
  const face = (x: number, score: number): Detection => ({
    label: 'face',
    score,
    box: { x, y: 0, width: 10, height: 10 },
    keypoints: [{ name: 'nose', x: x + 5, y: 5, score }],
  });
  const [first, second, ...none] = blendOverlapping([face(4, 0.25), face(0, 0.75), face(50, 0.5)]);
  assert.equal(none.length, 0);
  assert.deepEqual([first?.score, first?.box.x, first?.keypoints[0]?.x], [0.75, 1, 6]);
  assert.deepEqual([second?.score, second?.box.x], [0.5, 50]);
});
