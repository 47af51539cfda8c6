// Lines of a page differ in length, and a batch is as wide as its widest line: alike lines go together, so that little
// is padding. Widths are rounded up to a few sizes, because a runtime plans its memory anew for each size it meets.

export interface LineBatchLimits {
  /** Widths are rounded up to a multiple of this. */
  readonly widthStep: number;
  readonly minWidth: number;
  /** Most lines of one batch. */
  readonly maxLines: number;
  /** Most pixels of width of one batch, all lines together; a single longer line rides alone. */
  readonly maxTotalWidth: number;
}

export interface LineBatch {
  readonly width: number;
  /** Which lines, as indexes into the widths given. */
  readonly lines: readonly number[];
}

/** Batches that hold every line once; each line fits into its batch's width. */
export function planLineBatches(widths: readonly number[], limits: LineBatchLimits): LineBatch[] {
  const byBucket = new Map<number, number[]>();
  for (const [line, width] of widths.entries()) {
    const bucket = Math.max(limits.minWidth, Math.ceil(width / limits.widthStep) * limits.widthStep);
    byBucket.set(bucket, [...(byBucket.get(bucket) ?? []), line]);
  }
  const batches: LineBatch[] = [];
  for (const [width, lines] of [...byBucket].sort(([a], [b]) => a - b)) {
    const size = Math.max(1, Math.min(limits.maxLines, Math.floor(limits.maxTotalWidth / width)));
    for (let start = 0; start < lines.length; start += size)
      batches.push({ width, lines: lines.slice(start, start + size) });
  }
  return batches;
}
