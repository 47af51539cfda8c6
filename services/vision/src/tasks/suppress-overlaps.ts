// Non-maximum suppression: a detector fires several times for one thing; the surest stays, what overlaps it much goes.
// Boxes of different labels only suppress each other when they are nearly the same box: a rider and a horse overlap,
// but one vessel found as both cup and bowl is one thing.
import { type Detection, intersectionOverUnion } from './detection.ts';

export interface OverlapLimits {
  /** Intersection over union above which a weaker box of the same label goes. */
  readonly sameLabel: number;
  /** The same for a weaker box of another label. */
  readonly anyLabel: number;
}

/** What remains, the highest score first. */
export function suppressOverlaps(detections: readonly Detection[], limits: OverlapLimits): Detection[] {
  const kept: Detection[] = [];
  for (const candidate of [...detections].sort((a, b) => b.score - a.score)) {
    const covered = kept.some((stronger) => {
      const limit = stronger.label === candidate.label ? limits.sameLabel : limits.anyLabel;
      return intersectionOverUnion(stronger.box, candidate.box) > limit;
    });
    if (!covered) kept.push(candidate);
  }
  return kept;
}
