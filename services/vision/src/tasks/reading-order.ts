// The order in which a person reads pieces of text: rows from the top, each row from the left. Top and left are the
// page's own, which may lie aslant or on its side: most of its text says which way it runs. Pieces stand in one row when
// they share most of the lower one's height; what joins a row is measured against the row's first piece, so that a page
// that is not quite level does not chain all of it into one row.
import type { Point, Quad } from '@weft/image';

const sharedHeight = 0.5;

/** Indexes of the pieces in reading order. Each piece begins with the corner at the beginning of its text. */
export function readingOrder(pieces: readonly Quad[]): number[] {
  const along = textDirection(pieces);
  const extents = pieces.map((corners, index) => {
    const lefts = corners.map(({ x, y }) => x * along.x + y * along.y);
    const tops = corners.map(({ x, y }) => y * along.x - x * along.y);
    return { index, left: Math.min(...lefts), top: Math.min(...tops), bottom: Math.max(...tops) };
  });
  extents.sort((a, b) => a.top + a.bottom - (b.top + b.bottom));
  const rows: (typeof extents)[] = [];
  for (const extent of extents) {
    const row = rows.at(-1);
    const first = row?.[0];
    if (row !== undefined && first !== undefined && inOneRow(first, extent)) row.push(extent);
    else rows.push([extent]);
  }
  return rows.flatMap((row) => row.sort((a, b) => a.left - b.left).map(({ index }) => index));
}

/** The mean direction, as a unit vector, of the text in that quarter of all directions in which most text runs. */
export function textDirection(pieces: readonly Quad[]): Point {
  const sums = Array.from({ length: 4 }, () => ({ x: 0, y: 0, length: 0 }));
  for (const [from, to] of pieces) {
    const [x, y] = [to.x - from.x, to.y - from.y];
    const quarter = (Math.round(Math.atan2(y, x) / (Math.PI / 2)) + 4) % 4;
    const sum = sums[quarter] as (typeof sums)[number];
    sum.x += x;
    sum.y += y;
    sum.length += Math.hypot(x, y);
  }
  const { x, y } = sums.reduce((most, sum) => (sum.length > most.length ? sum : most));
  const length = Math.hypot(x, y);
  return length === 0 ? { x: 1, y: 0 } : { x: x / length, y: y / length };
}

function inOneRow(a: { top: number; bottom: number }, b: { top: number; bottom: number }): boolean {
  const shared = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return shared > sharedHeight * Math.min(a.bottom - a.top, b.bottom - b.top);
}
