// Points in [0, 1) that decide which version a request gets, one sequence for each model: multiples of the golden ratio, whole
// parts dropped (Weyl's sequence). Of any run of points, each interval holds its share but for one or two: 10 % of 2,000 are 200,
// where drawing by chance would often give 170 or 230. And unlike a fixed cycle ("each tenth") it never falls in step with
// traffic that repeats, such as two calls of a page of which one is always the second: the golden ratio is the number that
// fractions approach worst.

const step = (Math.sqrt(5) - 1) / 2;

export class DrawPoints {
  readonly #last = new Map<string, number>();

  next(model: string): number {
    const point = ((this.#last.get(model) ?? 0) + step) % 1;
    this.#last.set(model, point);
    return point;
  }

  /** Models that are gone need no memory. */
  keepOnly(models: ReadonlyMap<string, unknown>): void {
    for (const model of this.#last.keys()) if (!models.has(model)) this.#last.delete(model);
  }
}
