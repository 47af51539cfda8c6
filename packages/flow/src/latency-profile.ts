// s(b): how long a replica takes for a batch of b rows, learned from the batches it answers. It starts as a line a + c·b
// fitted to the warm-up's measurements, kept at powers of two and read off in between, so that it can bend where the
// model's times do. It never falls with b.
//
// An answer of b rows moves the whole curve by the ratio of measured to expected (a replica that slows down does so for
// all sizes, also for those that it has not been sent lately), and bends it a little near b. A single measurement counts
// for 25% at most, so that a pause does not look like a slow model; but when measurements keep lying on one side, the
// curve follows them faster: nothing holds it at a value that has become wrong, least of all at one too slow. Two in a row
// that are twice as slow as expected are no pause, and two that are a quarter faster no luck: the curve goes there at once,
// as far as the nearer of the two, and most of the way where it was not measured: its shape may be wrong as well as its
// speed. A profile that is too slow turns work away and learns from little.
//
// A size that was never measured is only guessed from the others: its first measurement counts whole, for that part of the
// curve and between what is known of smaller and larger sizes. It may be a pause, or what runtimes do at the first run of a
// shape: so do much faster ones among the first few. A model that could not be warmed up starts with a guess, which the first
// answer replaces.
//
// More rows than the maximum are so many full runs, and one of the rest. From their time nothing is learned: nobody knows
// which run took how much of it.

export interface Measurement {
  readonly rows: number;
  readonly ms: number;
}

/** The time of a batch as it is expected; `measured`: batches of about so many rows have been. */
export interface ExpectedTime extends Measurement {
  readonly measured: boolean;
}

/** Planning to the mean misses every other deadline: the least by which a plan exceeds it. */
const leastMargin = 0.06;
const mostMargin = 0.3;
/** A single measurement changes the curve as if it were at most this far from it (as a logarithm). */
const furthestAbove = 0.25;
const furthestBelow = 0.5;
/** Beyond these (as logarithms) two measurements in a row are taken at their word. */
const farAbove = Math.LN2;
const farBelow = -0.3;
/** From so many measurements near a size on, its time is no guess. */
const certain = 0.5;
/** Up to so many measurements near a size, a much faster one corrects that part of the curve alone. */
const settled = 4;
/** How far a leap goes where it was not measured: the shape may be wrong as well as the speed. */
const elsewhere = 0.75;
/** Whatever was measured, it took some time: times are compared by their ratio. */
const leastMs = 1e-3;
/** What a model that nobody has measured is thought to take. */
const guess: Measurement = { rows: 1, ms: 1 };
/** How much more than all of the curve its part near a measurement follows it. */
const bend = 0.02;

export class LatencyProfile {
  readonly maxRows: number;
  /** Expected ms at 1, 2, 4, … rows, up to the first power of two that is at least maxRows. */
  readonly #knots: Float64Array;
  #spread = 0;
  /** -1 when the last measurements were all faster than expected, 1 when all were slower. */
  #side = 0;
  /** How far off the last measurement was, if it was very far; 0 otherwise. */
  #lastFarOff = 0;
  #guessed: boolean;
  /** How often each knot was near what was measured. */
  readonly #measured: Float64Array;

  /** From the measurements of the warm-up, if there are any. */
  constructor(maxRows: number, warmUp: readonly Measurement[]) {
    this.maxRows = maxRows;
    this.#guessed = warmUp.length === 0;
    const { start, perRow } = fitLine(this.#guessed ? [guess] : warmUp);
    const count = Math.max(2, Math.ceil(Math.log2(maxRows)) + 1);
    this.#knots = Float64Array.from({ length: count }, (_, at) => start + perRow * 2 ** at);
    this.#measured = new Float64Array(count);
    for (const { rows } of warmUp) this.#count(rows);
  }

  /** Whether a batch of so many rows lies between sizes that have been measured, so that its time is more than a guess. */
  knows(rows: number): boolean {
    const position = Math.min(Math.log2(Math.max(rows, 1)), this.#knots.length - 1);
    const known = [...this.#knots.keys()].filter((at) => this.#isKnown(at));
    return known.some((at) => at <= position) && known.some((at) => at >= position);
  }

  /** The expected time of a batch, ms. */
  meanMs(rows: number): number {
    if (rows <= this.maxRows) return this.#runMs(rows);
    const rest = rows % this.maxRows;
    return Math.floor(rows / this.maxRows) * this.#runMs(this.maxRows) + (rest > 0 ? this.#runMs(rest) : 0);
  }

  #runMs(rows: number): number {
    const lower = Math.min(this.#knots.length - 2, 31 - Math.clz32(Math.max(rows, 1)));
    const [from, to] = [this.#knots[lower] as number, this.#knots[lower + 1] as number];
    return from + (to - from) * (rows / 2 ** lower - 1);
  }

  /** At 1, 2, 4, … rows and the maximum; empty as long as nothing has been measured at all. */
  get expected(): readonly ExpectedTime[] {
    if (this.#guessed) return [];
    const sizes = [...this.#knots.keys()].map((at) => Math.min(2 ** at, this.maxRows));
    return [...new Set(sizes)].map((rows) => ({
      rows,
      ms: this.meanMs(rows),
      measured: this.#near(rows).some((at) => this.#isKnown(at)),
    }));
  }

  /** How far measurements lie from what is expected, on average, as a share of it. */
  get deviation(): number {
    return this.#spread;
  }

  /** What to plan with: a high quantile of the time of a batch, ms. */
  plannedMs(rows: number): number {
    return this.meanMs(rows) * (1 + this.#margin);
  }

  /** The most rows, up to `maxRows`, whose planned time is within `ms`; 0 when one row's is not. */
  mostRowsWithin(ms: number): number {
    if (!(this.plannedMs(1) <= ms)) return 0;
    let [fits, exceeds] = [1, this.maxRows + 1];
    while (exceeds - fits > 1) {
      const middle = (fits + exceeds) >> 1;
      if (this.plannedMs(middle) <= ms) fits = middle;
      else exceeds = middle;
    }
    return fits;
  }

  learn({ rows, ms }: Measurement): void {
    if (rows > this.maxRows) return;
    const ratio = Math.log(Math.max(ms, leastMs) / this.meanMs(rows));
    const wasPause = ratio < farBelow && this.#near(rows).some((at) => (this.#measured[at] as number) < settled);
    if (this.#isNew(rows) || wasPause) this.#discover(rows, ratio);
    else if (!this.#leaps(rows, ratio)) this.#follow(rows, ratio);
    this.#count(rows);
  }

  #follow(rows: number, ratio: number): void {
    const error = Math.min(furthestAbove, Math.max(-furthestBelow, ratio));
    this.#side += 0.15 * (Math.sign(error) - this.#side);
    const gain = 0.04 + 0.6 * Math.max(0, Math.abs(this.#side) - 0.75);
    if (Math.abs(error) < furthestAbove) this.#spread += 0.02 * (Math.abs(error) - this.#spread);
    const position = Math.log2(Math.max(rows, 1));
    for (let at = 0; at < this.#knots.length; at += 1) {
      const near = Math.max(0, 1 - Math.abs(position - at));
      this.#knots[at] = (this.#knots[at] as number) * Math.exp((gain + bend * near) * error);
    }
    this.#keepMonotone(Math.round(position));
  }

  /**
   * One of the first measurements of a size, or of all: it counts between those of smaller and larger sizes. Sizes that are
   * still unknown lie on the line through those that are known.
   */
  #discover(rows: number, ratio: number): void {
    const near = this.#near(rows);
    const [knots, position] = [this.#knots, Math.log2(Math.max(rows, 1))];
    const known = [...knots.keys()].filter((at) => !this.#guessed && this.#isKnown(at));
    const least = Math.max(0, ...known.filter((at) => at <= position - 1).map((at) => knots[at] as number));
    const most = Math.min(...known.filter((at) => at >= position + 1).map((at) => knots[at] as number));
    const alone = known.every((at) => near.includes(at));
    for (const [at, before] of knots.entries()) {
      const moves = near.includes(at) ? (this.#measured[at] as number) < settled : alone;
      if (this.#guessed || moves) knots[at] = Math.min(most, Math.max(least, before * Math.exp(ratio)));
    }
    this.#guessed = false;
    const points = [...new Set([...known, ...near])].map((at) => ({ rows: 2 ** at, ms: knots[at] as number }));
    const { start, perRow } = fitLine(points);
    for (const at of knots.keys())
      if (!alone && !known.includes(at) && !near.includes(at)) knots[at] = start + perRow * 2 ** at;
    this.#keepMonotone(Math.round(position));
  }

  /** The knots between which a size lies. */
  #near(rows: number): number[] {
    const position = Math.min(Math.log2(Math.max(rows, 1)), this.#knots.length - 1);
    return [...new Set([Math.floor(position), Math.ceil(position)])];
  }

  /** Nothing near this size has been measured. */
  #isNew(rows: number): boolean {
    return !this.#near(rows).every((at) => this.#isKnown(at));
  }

  #isKnown(at: number): boolean {
    return (this.#measured[at] as number) >= certain;
  }

  #count(rows: number): void {
    const position = Math.log2(Math.max(rows, 1));
    for (const at of this.#near(rows)) {
      const near = Math.max(0, 1 - Math.abs(position - at));
      this.#measured[at] = (this.#measured[at] as number) + near;
    }
  }

  /** Whether the curve moved by what was measured, at once. Where it was not measured it follows most of the way. */
  #leaps(rows: number, ratio: number): boolean {
    const before = this.#lastFarOff;
    this.#lastFarOff = ratio > farAbove || ratio < farBelow ? ratio : 0;
    if (before * this.#lastFarOff <= 0) return false;
    const leap = Math.sign(ratio) * Math.min(Math.abs(before), Math.abs(ratio));
    this.#lastFarOff = 0;
    const near = this.#near(rows);
    for (const [at, ms] of this.#knots.entries())
      this.#knots[at] = ms * Math.exp(near.includes(at) ? leap : elsewhere * leap);
    this.#keepMonotone(Math.round(Math.log2(Math.max(rows, 1))));
    return true;
  }

  /** From the mean deviation: for a normal distribution this is two standard deviations. */
  get #margin(): number {
    return Math.min(mostMargin, Math.max(leastMargin, 2.5 * this.#spread));
  }

  /** What was learned just now, at the knot `learned`, is right where it contradicts its neighbours. */
  #keepMonotone(learned: number): void {
    const knots = this.#knots;
    for (let at = Math.min(learned, knots.length - 1); at > 0; at -= 1)
      knots[at - 1] = Math.min(knots[at - 1] as number, knots[at] as number);
    for (let at = 1; at < knots.length; at += 1) knots[at] = Math.max(knots[at] as number, knots[at - 1] as number);
  }
}

/** Least squares of the relative errors, neither coefficient negative: a model's times are a start and a price per row. */
function fitLine(measurements: readonly Measurement[]): { start: number; perRow: number } {
  let [weights, rows, ms, rowsRows, rowsMs] = [0, 0, 0, 0, 0];
  for (const one of measurements) {
    const oneMs = Math.max(one.ms, leastMs);
    const weight = 1 / oneMs ** 2;
    weights += weight;
    rows += weight * one.rows;
    ms += weight * oneMs;
    rowsRows += weight * one.rows ** 2;
    rowsMs += weight * one.rows * oneMs;
  }
  const spread = rowsRows - rows ** 2 / weights;
  // Of one size only: nothing tells start and price apart, and the curve finds out.
  const slope = spread > 1e-9 * rowsRows ? (rowsMs - (rows * ms) / weights) / spread : 0;
  const perRow = Math.max(slope, 0);
  const start = (ms - perRow * rows) / weights;
  return start >= 0 ? { start, perRow } : { start: 0, perRow: rowsMs / rowsRows };
}
