// For tests: a small picture with what photographs have (soft shading, hard edges, fine texture), the same every time.
import type { FloatTensor } from './tfjs-reference.ts';

/** RGB in 0..1, shape [batch, height, width, 3]; every picture of the batch differs. */
export function testImage(batch: number, height: number, width: number): FloatTensor {
  const values = new Float32Array(batch * height * width * 3);
  const random = randomNumbers(7);
  let at = 0;
  for (let picture = 0; picture < batch; picture++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const disc = Math.hypot(x / width - 0.4 - picture / 10, y / height - 0.55) < 0.25 ? 0.45 : 0;
        const stripes = (x + 2 * y) % 7 < 2 ? 0.15 : 0;
        const noise = random() * 0.06;
        values[at++] = Math.min(1, 0.15 + (0.4 * x) / width + disc + noise);
        values[at++] = Math.min(1, 0.2 + (0.5 * y) / height + stripes + noise);
        values[at++] = Math.min(1, 0.7 - (0.4 * (x + y)) / (width + height) + noise);
      }
    }
  }
  return { shape: [batch, height, width, 3], values };
}

/** Numbers in 0..1 that depend on the seed alone (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** The largest difference between two lists of equal length. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  let largest = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs((a[i] ?? Number.NaN) - (b[i] ?? Number.NaN)));
  return largest;
}
