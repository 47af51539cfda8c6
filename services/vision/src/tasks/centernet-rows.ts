// CenterNet (Zhou, Wang, Krähenbühl, "Objects as Points", 2019) ends in rows of [x1, y1, x2, y2, score, class] in pixels
// of its input, the peaks of its heat maps. A peak stands once for each class that fires there, so one thing may have
// several rows.
import { fromLetterbox, type Letterbox } from '@weft/image';
import { clipBox, type Detection } from './detection.ts';
import { suppressOverlaps } from './suppress-overlaps.ts';

const rowLength = 6;
const overlaps = { sameLabel: 0.5, anyLabel: 0.8 };

/** The objects in the rows of the output, in pixels of the original image. Rows of classes without a label are left out. */
export function readCenternetRows(
  rows: Float32Array,
  box: Letterbox,
  { labels, minScore }: { readonly labels: readonly string[]; readonly minScore: number },
): Detection[] {
  const detections: Detection[] = [];
  for (let at = 0; at + rowLength <= rows.length; at += rowLength) {
    const [x1, y1, x2, y2, score, classIndex] = rows.subarray(at, at + rowLength) as unknown as Row;
    const label = labels[Math.round(classIndex)];
    if (label === undefined || !(score >= minScore)) continue;
    const from = fromLetterbox(box, x1, y1);
    const to = fromLetterbox(box, x2, y2);
    const clipped = clipBox({ x: from.x, y: from.y, width: to.x - from.x, height: to.y - from.y }, box.original);
    if (clipped.width > 0 && clipped.height > 0)
      detections.push({ label, score: Math.min(score, 1), box: clipped, keypoints: [] });
  }
  return suppressOverlaps(detections, overlaps);
}

type Row = [x1: number, y1: number, x2: number, y2: number, score: number, classIndex: number];
