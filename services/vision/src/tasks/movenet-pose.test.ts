import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blankImage, letterboxImage } from '@weft/image';
import { bodyKeypoints, readPose } from './movenet-pose.ts';

// 100×200 in 192×192: scale 0.96, 48 pixels from the left.
const box = await letterboxImage(blankImage(100, 200, [0, 0, 0]), { width: 192, height: 192 });

/** Rows in which the joints not named are unsure and lie in a corner. */
function pose(
  joints: Partial<Record<(typeof bodyKeypoints)[number], [x: number, y: number, score: number]>>,
): Float32Array {
  return Float32Array.from(
    bodyKeypoints.flatMap((name) => {
      const [x, y, score] = joints[name] ?? [0, 0, 0.125];
      return [y, x, score];
    }),
  );
}

test('there are 17 joints and each is found under its name in pixels of the original', () => {
  const [person] = readPose(pose({ nose: [0.5, 0.25, 0.875], right_ankle: [0.25, 1, 0.5] }), box, 0.1);
  assert.equal(person?.keypoints.length, 17);
  assert.deepEqual(person?.keypoints[0], { name: 'nose', x: 50, y: 50, score: 0.875 });
  assert.deepEqual(person?.keypoints[16], { name: 'right_ankle', x: 0, y: 200, score: 0.5 });
});

test('the box goes around the sure joints and the score is the mean of all', () => {
  const [person] = readPose(pose({ left_hip: [0.5, 0.5, 0.5], nose: [0.625, 0.25, 0.875] }), box, 0.1);
  assert.deepEqual(person?.box, { x: 50, y: 50, width: 25, height: 50 });
  assert.equal(person?.score, (0.5 + 0.875 + 15 * 0.125) / 17);
});

test('a mean under the threshold, or no sure joint at all, is nobody', () => {
  assert.deepEqual(readPose(pose({ nose: [0.5, 0.5, 0.9] }), box, 0.5), []);
  assert.deepEqual(readPose(pose({}), box, 0.1), []);
});
