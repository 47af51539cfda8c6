// BlazeFace (Bazarevsky et al., 2019) looks for faces around the anchors of two grids over its input. For each anchor it
// gives a score and 16 numbers: centre x, y, width, height and six points, all in pixels of the input, positions
// relative to the anchor. Overlapping finds are blended by their scores, as the paper does to stop boxes from jumping.
import { fromLetterbox, type Letterbox } from '@weft/image';
import { clipBox, type Detection, intersectionOverUnion, type Keypoint } from './detection.ts';

const numbersPerAnchor = 16;
const blendOverlap = 0.3;

/** The points of a face, left and right as the person has them. The model scores the face only, so they share its score. */
export const faceKeypoints = ['right_eye', 'left_eye', 'nose', 'mouth', 'right_ear', 'left_ear'] as const;

/** One grid of anchors and what the model says of each: scores before the sigmoid, [anchors] and [anchors, 16]. */
export interface AnchorGrid {
  readonly scores: Float32Array;
  readonly positions: Float32Array;
  readonly anchorsPerCell: number;
}

/** The anchors' centres, x and y in 0..1: the middles of the cells of a square grid, row by row, each repeated. */
export function anchorCentres(cellsPerSide: number, anchorsPerCell: number): { x: number; y: number }[] {
  const centres: { x: number; y: number }[] = [];
  for (let cell = 0; cell < cellsPerSide * cellsPerSide; cell++) {
    const centre = {
      x: ((cell % cellsPerSide) + 0.5) / cellsPerSide,
      y: (Math.floor(cell / cellsPerSide) + 0.5) / cellsPerSide,
    };
    for (let anchor = 0; anchor < anchorsPerCell; anchor++) centres.push(centre);
  }
  return centres;
}

/** The faces of both grids, in pixels of the original image. */
export function readFaces(grids: readonly AnchorGrid[], box: Letterbox, minScore: number): Detection[] {
  const found = grids.flatMap((grid) => readGrid(grid, box, minScore));
  return blendOverlapping(found).map((face) => ({ ...face, box: clipBox(face.box, box.original) }));
}

function readGrid({ scores, positions, anchorsPerCell }: AnchorGrid, box: Letterbox, minScore: number): Detection[] {
  const faces: Detection[] = [];
  const centres = anchorCentres(Math.sqrt(scores.length / anchorsPerCell), anchorsPerCell);
  for (const [index, centre] of centres.entries()) {
    const score = 1 / (1 + Math.exp(-(scores[index] as number)));
    if (!(score >= minScore)) continue;
    const numbers = positions.subarray(index * numbersPerAnchor, (index + 1) * numbersPerAnchor);
    const point = (at: number): { x: number; y: number } =>
      fromLetterbox(
        box,
        centre.x * box.image.width + (numbers[at] as number),
        centre.y * box.image.height + (numbers[at + 1] as number),
      );
    const middle = point(0);
    const width = (numbers[2] as number) / box.scaleX;
    const height = (numbers[3] as number) / box.scaleY;
    faces.push({
      label: 'face',
      score,
      box: { x: middle.x - width / 2, y: middle.y - height / 2, width, height },
      keypoints: faceKeypoints.map((name, keypoint) => ({ name, ...point(4 + keypoint * 2), score })),
    });
  }
  return faces;
}

/** Groups what overlaps the surest find that is left, and replaces each group by its mean, weighted by score. */
export function blendOverlapping(faces: readonly Detection[]): Detection[] {
  const blended: Detection[] = [];
  let left = [...faces].sort((a, b) => b.score - a.score);
  for (let surest = left[0]; surest !== undefined; surest = left[0]) {
    const { box, score } = surest;
    const group = left.filter((face) => face === left[0] || intersectionOverUnion(face.box, box) > blendOverlap);
    left = left.filter((face) => !group.includes(face));
    const mean = (read: (face: Detection) => number): number => {
      const weight = group.reduce((sum, face) => sum + face.score, 0);
      return group.reduce((sum, face) => sum + read(face) * face.score, 0) / weight;
    };
    blended.push({
      label: 'face',
      score,
      box: {
        x: mean((face) => face.box.x),
        y: mean((face) => face.box.y),
        width: mean((face) => face.box.width),
        height: mean((face) => face.box.height),
      },
      keypoints: surest.keypoints.map((keypoint, index) => ({
        ...keypoint,
        x: mean((face) => (face.keypoints[index] as Keypoint).x),
        y: mean((face) => (face.keypoints[index] as Keypoint).y),
      })),
    });
  }
  return blended;
}
