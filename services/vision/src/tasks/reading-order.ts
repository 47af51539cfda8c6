// The order in which a person reads pieces of text: rows from the top, each row from the left. Pieces stand in one row
// when they share most of the lower one's height; what joins a row is measured against the row's first piece, so that a
// slanted page does not chain all of it into one row.
import type { Quad } from '@weft/image';

const sharedHeight = 0.5;

/** Indexes of the pieces in reading order. */
export function readingOrder(pieces: readonly Quad[]): number[] {
  const extents = pieces.map((corners, index) => {
    const ys = corners.map(({ y }) => y);
    return { index, left: Math.min(...corners.map(({ x }) => x)), top: Math.min(...ys), bottom: Math.max(...ys) };
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

function inOneRow(a: { top: number; bottom: number }, b: { top: number; bottom: number }): boolean {
  const shared = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return shared > sharedHeight * Math.min(a.bottom - a.top, b.bottom - b.top);
}
