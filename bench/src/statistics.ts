// The few statistics that the benches report. Medians throughout: on a machine that does other things too, a mean tells
// more about the others.

/** The value below which the share `q` (0..1) of the values lies, interpolated between neighbours. NaN without values. */
export function quantile(values: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(values).sort();
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** A figure measured several times. */
export interface Repeated {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Median and extremes of repeated measurements. */
export function repeated(values: readonly number[]): Repeated {
  return { median: median(values), least: quantile(values, 0), most: quantile(values, 1) };
}

/** Rounded to so many significant digits: what is committed should not pretend to more. */
export function rounded(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}
