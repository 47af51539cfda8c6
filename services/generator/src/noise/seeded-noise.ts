// What a seed stands for: the noise that an image is made of, and a label for whoever names none.
import { normalQuantile, normalShare } from './normal.ts';
import { randomBits, toUnit } from './random-bits.ts';

export interface SeededNoise {
  readonly noise: Float32Array;
  /** 0 … `labels` − 1; 0 without any. */
  readonly label: number;
}

export interface NoiseShape {
  readonly length: number;
  readonly labels: number;
  /**
   * Standard normal noise is cut off at so many standard deviations; 0: nowhere. What a seed makes changes little with it: values
   * keep their ranks.
   */
  readonly truncation: number;
}

export function seededNoise(seed: number, { length, labels, truncation }: NoiseShape): SeededNoise {
  const next = randomBits(seed);
  const label = Number(next() % BigInt(Math.max(1, labels)));
  const [least, most] = truncation === 0 ? [0, 1] : [normalShare(-truncation), normalShare(truncation)];
  const noise = Float32Array.from({ length }, () => normalQuantile(least + toUnit(next()) * (most - least)));
  return { noise, label };
}

/** From one noise (`share` 0) to the other (1) along the sphere: points between are as far out as the ends, as noise is. */
export function betweenNoises(from: Float32Array, to: Float32Array, share: number): Float32Array {
  if (share === 0) return from;
  if (share === 1) return to;
  const cosine = dot(from, to) / Math.sqrt(dot(from, from) * dot(to, to));
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const sine = Math.sin(angle);
  // Along a line where the angle says nothing.
  const [before, after] = !(sine > 1e-6)
    ? [1 - share, share]
    : [Math.sin((1 - share) * angle) / sine, Math.sin(share * angle) / sine];
  return from.map((value, index) => value * before + (to[index] as number) * after);
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);
}
