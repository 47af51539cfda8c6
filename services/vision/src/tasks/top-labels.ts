// From the numbers that a classifier ends in to labels with probabilities.

export interface Label {
  readonly name: string;
  /** 0..1 */
  readonly score: number;
}

/** Probabilities that sum up to 1. */
export function softmax(logits: Float32Array): Float32Array {
  const most = logits.reduce((max, value) => Math.max(max, value), -Infinity);
  const powers = logits.map((value) => Math.exp(value - most));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}

/** The `count` most probable labels, the most probable first; those of equal probability in their own order. */
export function topLabels(probabilities: Float32Array, names: readonly string[], count: number): Label[] {
  const labels = [...probabilities].map((score, index) => ({ name: names[index] as string, score }));
  return labels.sort((a, b) => b.score - a.score).slice(0, count);
}
