// MoveNet finds the 17 joints of COCO of one person: rows of [y, x, score] with 0..1 over its square input. It gives no
// box and no score of the whole: the box is drawn around the joints it is sure of, the score is the mean of all.
import { fromLetterbox, type Letterbox } from '@weft/image';
import { clipBox, type Detection } from './detection.ts';

export const bodyKeypoints = [
  'nose',
  'left_eye',
  'right_eye',
  'left_ear',
  'right_ear',
  'left_shoulder',
  'right_shoulder',
  'left_elbow',
  'right_elbow',
  'left_wrist',
  'right_wrist',
  'left_hip',
  'right_hip',
  'left_knee',
  'right_knee',
  'left_ankle',
  'right_ankle',
] as const;

/** Joints with a lower score are guesses: they are reported, but do not stretch the box. */
const sureScore = 0.3;

/** The person in the output, in pixels of the original image, or nobody when no joint is sure or the mean is too low. */
export function readPose(rows: Float32Array, box: Letterbox, minScore: number): Detection[] {
  const keypoints = bodyKeypoints.map((name, index) => {
    const [y, x, score] = rows.subarray(index * 3, index * 3 + 3) as unknown as [number, number, number];
    return { name, ...fromLetterbox(box, x * box.image.width, y * box.image.height), score };
  });
  const score = keypoints.reduce((sum, keypoint) => sum + keypoint.score, 0) / keypoints.length;
  const sure = keypoints.filter((keypoint) => keypoint.score >= sureScore);
  if (!(score >= minScore) || sure.length === 0) return [];
  const xs = sure.map(({ x }) => x);
  const ys = sure.map(({ y }) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const around = { x: left, y: top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
  return [{ label: 'person', score, box: clipBox(around, box.original), keypoints }];
}
