// What every detector finds, in the shape of the API's Detection message, and the geometry that detectors share.

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Keypoint {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly score: number;
}

export interface Detection {
  readonly label: string;
  /** 0..1 */
  readonly score: number;
  readonly box: Box;
  readonly keypoints: readonly Keypoint[];
}

/** The part of the box that lies inside an image of this size. */
export function clipBox(box: Box, size: { readonly width: number; readonly height: number }): Box {
  const x = Math.min(Math.max(box.x, 0), size.width);
  const y = Math.min(Math.max(box.y, 0), size.height);
  return {
    x,
    y,
    width: Math.min(Math.max(box.x + box.width, x), size.width) - x,
    height: Math.min(Math.max(box.y + box.height, y), size.height) - y,
  };
}

/** The area that two boxes share, as a part of the area they cover together: 0..1. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}
