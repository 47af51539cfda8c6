// Between which shares the true one lies when `failed` of `calls` failed: Wilson's score interval (J. Am. Stat. Assoc. 22, 1927).
// Unlike the usual one it says something sensible when nothing has failed, or hardly anything was seen.

export interface Interval {
  readonly least: number;
  readonly most: number;
}

/** `z` is the number of standard deviations: 1.96 for 95 %. Of no calls nothing is known: 0 to 1. */
export function wilsonInterval(failed: number, calls: number, z = 1.96): Interval {
  if (calls === 0) return { least: 0, most: 1 };
  const share = failed / calls;
  const spread = z ** 2 / calls;
  const middle = (share + spread / 2) / (1 + spread);
  const half = (z * Math.sqrt((share * (1 - share)) / calls + spread / (4 * calls))) / (1 + spread);
  return { least: Math.max(0, middle - half), most: Math.min(1, middle + half) };
}
