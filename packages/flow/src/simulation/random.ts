// Random numbers that are the same in every run: mulberry32, and what is drawn from it.

export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Time to the next arrival of a Poisson process with `rate` arrivals per unit of time. */
  exponential(rate: number): number;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    exponential: (rate) => -Math.log(1 - uniform()) / rate,
  };
}
