// Random numbers of a seed, the same on every machine: SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
// Generators", 2014). Neighbouring seeds give numbers that have nothing to do with each other.

const word = 2n ** 64n - 1n;

/** Each call gives the next 64 bits. */
export function randomBits(seed: number): () => bigint {
  let state = BigInt(seed);
  return () => {
    state = (state + 0x9e3779b97f4a7c15n) & word;
    let bits = state;
    bits = ((bits ^ (bits >> 30n)) * 0xbf58476d1ce4e5b9n) & word;
    bits = ((bits ^ (bits >> 27n)) * 0x94d049bb133111ebn) & word;
    return bits ^ (bits >> 31n);
  };
}

/** A number between 0 and 1, and neither of them. */
export function toUnit(bits: bigint): number {
  return (Number(bits >> 12n) + 0.5) / 2 ** 52;
}
