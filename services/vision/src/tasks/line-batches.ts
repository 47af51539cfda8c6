// Lines of text differ in length, and a batch is as wide as its widest line: alike lines go together, so that little is
// padding. Widths are rounded up to a few sizes, because a runtime plans its memory anew for each size it meets. The size
// of a line depends on nothing but the line: what is read does not change with the lines that it is read together with.

export interface LineBatchLimits {
  /** Widths are rounded up to a multiple of this. */
  readonly widthStep: number;
  readonly minWidth: number;
  /** Most pixels of width of one batch, all lines together; a single longer line rides alone. */
  readonly maxTotalWidth: number;
}

/** The width to which a line is padded. */
export function paddedWidth(width: number, { widthStep, minWidth }: LineBatchLimits): number {
  return Math.max(minWidth, Math.ceil(width / widthStep) * widthStep);
}

/** The lines of each batch, as indexes into the widths given: every line once, all of a batch of one padded width. */
export function planLineBatches(widths: readonly number[], limits: LineBatchLimits): number[][] {
  const byWidth = new Map<number, number[]>();
  for (const [line, width] of widths.entries()) {
    const padded = paddedWidth(width, limits);
    byWidth.set(padded, [...(byWidth.get(padded) ?? []), line]);
  }
  const batches: number[][] = [];
  for (const [width, lines] of [...byWidth].sort(([a], [b]) => a - b)) {
    const size = Math.max(1, Math.floor(limits.maxTotalWidth / width));
    for (let start = 0; start < lines.length; start += size) batches.push(lines.slice(start, start + size));
  }
  return batches;
}
