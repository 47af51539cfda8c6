// Random numbers of one sequence: xoshiro128** (Blackman and Vigna, 2018), its state filled by splitmix32 from the seed. Each
// sequence has its own, so that what it draws does not depend on who else is in the batch, and a seed means the same everywhere.

/** Numbers in [0, 1), 32 bits each. `seed` is a whole number from 0 on. */
export function createRandom(seed: number): () => number {
  let filling = ((seed % 2 ** 32) | 0) ^ Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b1);
  const fill = (): number => {
    filling = (filling + 0x9e3779b9) | 0;
    let mixed = Math.imul(filling ^ (filling >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
  let [a, b, c, d] = [fill(), fill(), fill(), fill()];
  return () => {
    const five = Math.imul(b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result / 2 ** 32;
  };
}
